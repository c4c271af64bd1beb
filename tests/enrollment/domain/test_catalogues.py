"""The domain's lists of refusals and events are those of the contract, and speak both languages."""

import inspect
import string
from importlib import import_module
from pkgutil import iter_modules

import pytest
from guantong.enrollment.v1 import (
    back_stage_registration_pb2,
    cohort_pb2,
    cooperation_agreement_pb2,
    cooperation_pb2,
    error_reason_pb2,
    events_pb2,
    internship_pb2,
    learning_outcome_pb2,
    major_pb2,
    organisation_pb2,
    pathway_project_pb2,
    placement_pb2,
    provincial_list_pb2,
    statistics_service_pb2,
    status_record_pb2,
)

from chassis.errors import DomainError
from services.enrollment import domain
from services.enrollment.domain import (
    back_stage_registration,
    cohort,
    cohort_member,
    cooperation_agreement,
    cooperation_facts,
    cooperation_parts,
    cooperation_pupil,
    credit_conversion,
    internship,
    internship_point,
    learning_outcome,
    major,
    organisation,
    organisation_parts,
    pathway_project,
    pathways,
    placement,
    practice_statistics,
    provincial_list,
    refusals,
    status_record,
)
from services.enrollment.domain.events import Event

# In refusals.py, and in a module beside it for each part of the domain.
MODULES = [
    import_module(f"{domain.__name__}.{module.name}")
    for module in iter_modules(domain.__path__)
    if module.name.endswith("refusals")
]
REFUSALS = [
    each
    for module in MODULES
    for _, each in inspect.getmembers(module, inspect.isclass)
    if issubclass(each, refusals.EnrollmentRefusal)
    and each.__module__ == module.__name__
    and not each.__subclasses__()
]


def names(enum: object, prefix: str) -> set[str]:
    keys = set(enum.keys())  # type: ignore[attr-defined]
    return {key.removeprefix(prefix) for key in keys} - {"UNSPECIFIED"}


def test_each_refusal_is_a_reason_of_the_contract_and_each_reason_a_refusal() -> None:
    assert {each.reason for each in REFUSALS} == names(
        error_reason_pb2.ErrorReason, "ERROR_REASON_"
    )


def test_each_event_is_of_the_contract_and_named_alike() -> None:
    assert {each.name for each in Event} == names(events_pb2.EventType, "EVENT_TYPE_")
    for event in Event:
        assert event.value == "".join(word.capitalize() for word in event.name.split("_"))


@pytest.mark.parametrize(
    ("ours", "theirs", "prefix"),
    [
        (organisation.Kind, organisation_pb2.Organisation.Kind, "KIND_"),
        (organisation.State, organisation_pb2.Organisation.State, "STATE_"),
        (organisation_parts.EndKind, organisation_pb2.Organisation.EndKind, "END_KIND_"),
        (
            organisation_parts.NameKind,
            organisation_pb2.Organisation.DatedName.Kind,
            "KIND_",
        ),
        (major.Level, major_pb2.Major.Level, "LEVEL_"),
        (pathways.Type, pathway_project_pb2.PathwayProject.Type, "TYPE_"),
        (
            pathways.InternshipArrangement,
            pathway_project_pb2.PathwayProject.InternshipArrangement,
            "INTERNSHIP_ARRANGEMENT_",
        ),
        (pathways.Level, pathway_project_pb2.PathwayProject.Level, "LEVEL_"),
        (pathway_project.State, pathway_project_pb2.PathwayProject.State, "STATE_"),
        (
            cooperation_agreement.State,
            cooperation_agreement_pb2.CooperationAgreement.State,
            "STATE_",
        ),
        (
            cooperation_agreement.RevisionState,
            cooperation_agreement_pb2.CooperationAgreement.Revision.State,
            "STATE_",
        ),
        (cooperation_facts.State, cooperation_pb2.Cooperation.State, "STATE_"),
        (cooperation_parts.Kind, cooperation_pb2.Cooperation.Kind, "KIND_"),
        (cooperation_parts.Role, cooperation_pb2.Cooperation.Role, "ROLE_"),
        (cooperation_parts.Grade, cooperation_pb2.Cooperation.Grade, "GRADE_"),
        (cooperation_parts.BodyKind, cooperation_pb2.Cooperation.Body.Kind, "KIND_"),
        (cooperation_pupil.State, cooperation_pb2.CooperationPupil.State, "STATE_"),
        (
            provincial_list.FindingKind,
            provincial_list_pb2.ProvincialList.Finding.Kind,
            "KIND_",
        ),
        (
            provincial_list.Outcome,
            provincial_list_pb2.ProvincialListImport.Row.Outcome,
            "OUTCOME_",
        ),
        (cohort.State, cohort_pb2.Cohort.State, "STATE_"),
        (cohort_member.State, cohort_pb2.CohortMember.State, "STATE_"),
        (learning_outcome.State, learning_outcome_pb2.LearningOutcome.State, "STATE_"),
        (learning_outcome.Kind, learning_outcome_pb2.LearningOutcome.Kind, "KIND_"),
        (learning_outcome.Grade, learning_outcome_pb2.LearningOutcome.Grade, "GRADE_"),
        (credit_conversion.Rule, learning_outcome_pb2.CreditConversion.Rule, "RULE_"),
        (internship.State, internship_pb2.Internship.State, "STATE_"),
        (internship.Signer, internship_pb2.Internship.Signer, "SIGNER_"),
        (internship_point.State, internship_pb2.InternshipPoint.State, "STATE_"),
        (placement.State, placement_pb2.Placement.State, "STATE_"),
        (placement.Destination, placement_pb2.Placement.Destination, "DESTINATION_"),
        (placement.Match, placement_pb2.Placement.Match, "MATCH_"),
        (placement.Source, placement_pb2.Placement.Source, "SOURCE_"),
        (practice_statistics.ShareKind, statistics_service_pb2.Share.Kind, "KIND_"),
        (status_record.State, status_record_pb2.StatusRecord.State, "STATE_"),
        (status_record.Stage, status_record_pb2.StatusRecord.Stage, "STAGE_"),
        (
            back_stage_registration.State,
            back_stage_registration_pb2.BackStageRegistration.State,
            "STATE_",
        ),
        (
            back_stage_registration.BlockingReason,
            back_stage_registration_pb2.BackStageRegistration.BlockingReason,
            "BLOCKING_REASON_",
        ),
    ],
)
def test_the_enums_have_the_values_of_the_contract(
    ours: object, theirs: object, prefix: str
) -> None:
    assert {each.value for each in ours} == names(theirs, prefix)  # type: ignore[attr-defined]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda each: str(each.__name__))
def test_each_refusal_says_the_same_facts_in_chinese_and_english(
    refusal: type[DomainError],
) -> None:
    facts = [
        {name for _, name, _, _ in string.Formatter().parse(text) if name}
        for text in (refusal.zh, refusal.en)
    ]
    assert facts[0] == facts[1]
    assert refusal.zh.endswith("。")
    assert refusal.en.endswith(".")
    assert refusal.domain == "enrollment.guantong"

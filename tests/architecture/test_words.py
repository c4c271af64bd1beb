"""What refusals say to people in Chinese has a Chinese word for each name of the contract."""

import re
from collections.abc import Mapping
from enum import Enum

import pytest

from chassis.errors import DomainError
from services.assistance.domain import indicator, pairing
from services.assistance.domain import words as of_assistance
from services.enrollment.domain import (
    cohort_member,
    cooperation_agreement,
    cooperation_facts,
    cooperation_parts,
    cooperation_words,
    electronic_registration,
    internship,
    learning_outcome,
    organisation,
    pathway_project,
    pathways,
    person_correction,
    person_erasure,
    policies,
    status_change,
    status_record,
    student_status,
)
from services.enrollment.domain import words as of_enrollment
from services.transfer.domain import application_states, objection, transfer_batch
from services.transfer.domain import words as of_transfer
from tests.architecture.sources import SERVICES
from tests.architecture.test_services import refusals_of

WORDS: list[tuple[Mapping[str, str], type[Enum]]] = [
    (of_enrollment.PROJECT_STATES, pathway_project.State),
    (of_enrollment.PATHWAY_TYPES, pathways.Type),
    (of_enrollment.LEVELS, pathways.Level),
    (of_enrollment.ORGANISATION_KINDS, organisation.Kind),
    (of_enrollment.MEMBER_STATES, cohort_member.State),
    (of_enrollment.WHYS, cohort_member.Why),
    (of_enrollment.STATUS_STATES, status_record.State),
    (of_enrollment.SCHOOL_KINDS, policies.SchoolKind),
    (of_enrollment.AGREEMENT_STATES, cooperation_agreement.State),
    (cooperation_words.COOPERATION_STATES, cooperation_facts.State),
    (cooperation_words.COOPERATION_KINDS, cooperation_parts.Kind),
    (cooperation_words.COOPERATION_GRADES, cooperation_parts.Grade),
    (of_enrollment.OUTCOME_KINDS, learning_outcome.Kind),
    (of_enrollment.OUTCOME_STATES, learning_outcome.State),
    (of_enrollment.INTERNSHIP_STATES, internship.State),
    (of_enrollment.CORRECTION_STATES, person_correction.State),
    (of_enrollment.ERASURE_STATES, person_erasure.State),
    (of_enrollment.REGISTRATION_STATES, electronic_registration.State),
    (of_enrollment.STEP_LEVELS, status_change.Level),
    (of_enrollment.INTERNSHIP_ARRANGEMENTS, pathways.InternshipArrangement),
    (of_enrollment.STATUS_CHANGE_STATES, status_change.State),
    (of_enrollment.STATUS_CHANGE_DOCUMENTS, status_change.AttachmentKind),
    (of_enrollment.STATUS_CHANGE_GROUNDS, status_change.Ground),
    (of_enrollment.STATUS_CHANGE_KINDS, student_status.ChangeKind),
    (of_transfer.BATCH_STATES, transfer_batch.State),
    (of_transfer.APPLICATION_STATES, application_states.State),
    (of_transfer.MEMBER_STATES, cohort_member.State),
    (of_transfer.OBJECTION_STATES, objection.State),
    (of_assistance.ORGANISATION_KINDS, organisation.Kind),
    (of_assistance.PAIRING_LEVELS, pairing.Level),
    (of_assistance.INDICATOR_KINDS, indicator.Kind),
]
# Facts that are such names, by what they are called.
NAMED = re.compile(
    r"\{(\w*(?:state|kind|level)|states|documents|step|arrangement|whys?|actual|expected|type|problem|field)\}"
)
# What a rule's source is called (GD19) and names of the contract: no text for people has them.
FOREIGN = re.compile(r"[A-Z]{2,}[A-Z0-9_]+")
REFUSALS = [each for service in SERVICES for each in refusals_of(service)]


@pytest.mark.parametrize(("words", "names"), WORDS)
def test_each_name_has_a_word(words: Mapping[str, str], names: type[Enum]) -> None:
    assert words.keys() == {each.value for each in names}


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda each: each.reason)
def test_a_text_that_names_one_has_its_words(refusal: type[DomainError]) -> None:
    assert set(NAMED.findall(refusal.zh)) <= refusal.words.keys()
    assert not FOREIGN.findall(refusal.zh), refusal.zh

"""A sample of each event, as the bus and the feeds carry it: fixed values in every field.

`python -m tests.contracts.events` writes a golden file for each event that has none. A golden
file is never written anew: what is in it was read by somebody's agent.
"""

import json
from pathlib import Path
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from guantong.assistance.v1.indicator_pb2 import Indicator
from guantong.assistance.v1.pairing_pb2 import Pairing
from guantong.common.v1.event_pb2 import Change
from guantong.enrollment.v1.back_stage_registration_pb2 import BackStageRegistration
from guantong.enrollment.v1.cohort_pb2 import Cohort, CohortMember
from guantong.enrollment.v1.consent_pb2 import Consent
from guantong.enrollment.v1.cooperation_agreement_pb2 import AgreementContact, CooperationAgreement
from guantong.enrollment.v1.cooperation_pb2 import (
    Cooperation,
    CooperationHead,
    CooperationPupil,
)
from guantong.enrollment.v1.electronic_registration_pb2 import ElectronicRegistration
from guantong.enrollment.v1.guardian_pb2 import Guardian
from guantong.enrollment.v1.internship_pb2 import Internship, InternshipPoint
from guantong.enrollment.v1.learning_outcome_pb2 import CreditConversion, LearningOutcome
from guantong.enrollment.v1.major_pb2 import Major
from guantong.enrollment.v1.organisation_pb2 import Organisation
from guantong.enrollment.v1.pathway_project_pb2 import PathwayProject
from guantong.enrollment.v1.person_correction_pb2 import PersonCorrection
from guantong.enrollment.v1.person_erasure_pb2 import PersonErasure
from guantong.enrollment.v1.person_pb2 import Person
from guantong.enrollment.v1.placement_pb2 import Placement
from guantong.enrollment.v1.provincial_list_pb2 import ProvincialList, ProvincialListImport
from guantong.enrollment.v1.status_change_pb2 import StatusChange
from guantong.enrollment.v1.status_record_pb2 import StatusRecord
from guantong.transfer.v1.application_pb2 import Application
from guantong.transfer.v1.objection_pb2 import Objection
from guantong.transfer.v1.transfer_batch_pb2 import TransferBatch

GOLDEN: Final = Path(__file__).with_name("golden")
_BUSINESS_TIME_S: Final = 1_693_800_000

_BATCH = (
    "TransferBatchDrafted",
    "TransferSchemeSigned",
    "TransferPlanFiled",
    "RegistrationOpened",
    "RegistrationClosed",
    "AssessmentClosed",
    "ScoresLocked",
    "ProposalPublished",
    "TransferBatchReported",
    "AuthorityApprovalRecorded",
    "ArrivalOpened",
    "TransferBatchClosed",
)
_APPLICATION = (
    "ApplicationDrafted",
    "ApplicationSubmitted",
    "ApplicationConfirmed",
    "ApplicationRejected",
    "ApplicationQualified",
    "ApplicationAssessed",
    "ApplicationProposed",
    "ApplicationNotProposed",
    "ApplicationObjected",
    "ApplicationObjectionDismissed",
    "ApplicationDisqualified",
    "ApplicationAdmitted",
    "ApplicationRefused",
    "ApplicationArrived",
    "ApplicationRegistered",
    "ApplicationBlocked",
    "ApplicationCancelled",
    "ApplicationWithdrawn",
    "ApplicationDiverted",
    "LeaveGranted",
    "PlaceRetained",
    "PlaceForfeited",
)
# The resource that each event is a change of.
RESOURCES: Final[dict[str, dict[str, type[Message]]]] = {
    "assistance": {
        "PairingCreated": Pairing,
        "IndicatorSet": Indicator,
        "IndicatorCounted": Indicator,
    },
    "enrollment": {
        "OrganisationRegistered": Organisation,
        "OrganisationRenamed": Organisation,
        "OrganisationAliasAdded": Organisation,
        "OrganisationRelocated": Organisation,
        "OrganisationReassigned": Organisation,
        "OrganisationBlocked": Organisation,
        "OrganisationUnblocked": Organisation,
        "OrganisationMerged": Organisation,
        "OrganisationSplit": Organisation,
        "OrganisationClosed": Organisation,
        "MajorEntered": Major,
        "MajorCorrected": Major,
        "MajorRetired": Major,
        "PathwayProjectDeclared": PathwayProject,
        "PathwayProjectApproved": PathwayProject,
        "PathwayProjectRecruitmentOpened": PathwayProject,
        "PathwayProjectStarted": PathwayProject,
        "PathwayProjectStopped": PathwayProject,
        "PathwayProjectClosed": PathwayProject,
        "PathwayProjectCorrected": PathwayProject,
        "ProvincialListPublished": ProvincialList,
        "ProvincialListImported": ProvincialListImport,
        "CooperationAgreementDrafted": CooperationAgreement,
        "AgreementTermsProposed": CooperationAgreement,
        "AgreementTermsApproved": CooperationAgreement,
        "CooperationAgreementConcluded": CooperationAgreement,
        "ExitNoticeGiven": CooperationAgreement,
        "ExitNoticeWithdrawn": CooperationAgreement,
        "CooperationAgreementEnded": CooperationAgreement,
        "AgreementContactNamed": AgreementContact,
        "CohortOpened": Cohort,
        "RosterFrozen": Cohort,
        "MemberEnrolled": CohortMember,
        "MemberRemoved": CohortMember,
        "MemberGraduated": CohortMember,
        "PersonRegistered": Person,
        "StudentNumberRecorded": Person,
        "StudentNumberUpgraded": Person,
        "PersonCorrected": Person,
        "PersonsMerged": Person,
        "PersonsSplit": Person,
        "PersonErased": Person,
        "MemberCorrected": CohortMember,
        "MemberReassigned": CohortMember,
        "MemberErased": CohortMember,
        "StatusRecordReassigned": StatusRecord,
        "CorrectionProposed": PersonCorrection,
        "CorrectionApproved": PersonCorrection,
        "CorrectionRejected": PersonCorrection,
        "GuardianRecorded": Guardian,
        "GuardianEnded": Guardian,
        "ConsentGiven": Consent,
        "ConsentWithdrawn": Consent,
        "ErasureProposed": PersonErasure,
        "ErasureCarriedOut": PersonErasure,
        "StatusRecordOpened": StatusRecord,
        "StudentGraduated": StatusRecord,
        "StatusRecordEnded": StatusRecord,
        "BackStageRegistered": BackStageRegistration,
        "BackStageRefused": BackStageRegistration,
        "BackStageEnded": BackStageRegistration,
        "StatusRecordRegistered": StatusRecord,
        "StudentSuspended": StatusRecord,
        "StudentReturned": StatusRecord,
        "StudentPlaced": StatusRecord,
        "MemberSuspended": CohortMember,
        "MemberResumed": CohortMember,
        "MemberClassAssigned": CohortMember,
        "ClassRenamed": Cohort,
        "StudentCompleted": StatusRecord,
        "StudentAttended": StatusRecord,
        "ElectronicRegistrationFiled": ElectronicRegistration,
        "ElectronicRegistrationApproved": ElectronicRegistration,
        "ElectronicRegistrationReturned": ElectronicRegistration,
        "StatusChangeProposed": StatusChange,
        "StatusChangeEndorsed": StatusChange,
        "StatusChangeApproved": StatusChange,
        "StatusChangeRejected": StatusChange,
        "StatusChangeWithdrawn": StatusChange,
        "StatusChangeNoticed": StatusChange,
        "StatusChangeEffected": StatusChange,
        "OutcomeDeclared": LearningOutcome,
        "OutcomeVerified": LearningOutcome,
        "OutcomeRecognised": LearningOutcome,
        "OutcomeAccumulated": LearningOutcome,
        "OutcomeConverted": LearningOutcome,
        "OutcomeRejected": LearningOutcome,
        "OutcomeRevoked": LearningOutcome,
        "OutcomeReassigned": LearningOutcome,
        "CreditsReassigned": CreditConversion,
        "StatusChangeReassigned": StatusChange,
        "ElectronicRegistrationReassigned": ElectronicRegistration,
        "CreditsConverted": CreditConversion,
        "InternshipPointDeclared": InternshipPoint,
        "InternshipPointEnded": InternshipPoint,
        "InternshipPlanned": Internship,
        "InternshipSigned": Internship,
        "InternshipAgreed": Internship,
        "InternshipStarted": Internship,
        "InternshipExtended": Internship,
        "InternshipCompleted": Internship,
        "InternshipBrokenOff": Internship,
        "PlacementRecorded": Placement,
        "PlacementConfirmed": Placement,
        "CooperationDrafted": Cooperation,
        "CooperationAgreementAttached": Cooperation,
        "CooperationSigned": Cooperation,
        "CooperationStarted": Cooperation,
        "CooperationSuspended": Cooperation,
        "CooperationResumed": Cooperation,
        "CooperationEnded": Cooperation,
        "CooperationGradeChanged": Cooperation,
        "CooperationBodyFormed": Cooperation,
        "CooperationMemberAdded": Cooperation,
        "CooperationMemberRemoved": Cooperation,
        "LibraryItemsCounted": Cooperation,
        "CooperationHeadNamed": CooperationHead,
        "CooperationPupilJoined": CooperationPupil,
        "CooperationPupilLeft": CooperationPupil,
    },
    "transfer": {
        **dict.fromkeys(_BATCH, TransferBatch),
        **dict.fromkeys(_APPLICATION, Application),
        "ObjectionRaised": Objection,
        "ObjectionResolved": Objection,
    },
}
EVENTS: Final = [
    (source, name, resource)
    for source, resources in RESOURCES.items()
    for name, resource in resources.items()
]


def sample(source: str, event_type: str, resource: type[Message]) -> Change:
    """Return the event with a value in every field of the change and of its resource."""
    change: Change = filled(Change())
    change.source = source
    change.event_type = event_type
    change.removed = False
    change.resource.Pack(filled(resource()))
    return change


def filled(message: Any) -> Any:
    """Set every field of a message, down to the last, to a value that its name and type give."""
    for field in message.DESCRIPTOR.fields:
        kind = field.message_type
        if kind is None:
            message.MergeFrom(type(message)(**{field.name: _scalar(field)}))
        elif kind.GetOptions().map_entry:
            getattr(message, field.name)["display_name"] = b"sealed"
        elif kind.full_name == "google.protobuf.Timestamp":
            getattr(message, field.name).FromSeconds(_BUSINESS_TIME_S)
        elif field.is_repeated:
            filled(getattr(message, field.name).add())
        elif kind.full_name != "google.protobuf.Any":
            filled(getattr(message, field.name))
    return message


def _scalar(field: FieldDescriptor) -> Any:
    value: Any = field.number
    if field.enum_type is not None:
        # The first that means something; the enum may grow.
        value = field.enum_type.values[1].number
    elif field.type == FieldDescriptor.TYPE_BYTES:
        value = f"{field.name} sample".encode()
    elif field.type == FieldDescriptor.TYPE_STRING:
        value = f"{field.name} sample"
    elif field.type == FieldDescriptor.TYPE_BOOL:
        value = True
    return [value] if field.is_repeated else value


def to_json(change: Message) -> dict[str, Any]:
    """Return a message as the door answers it."""
    found: dict[str, Any] = json_format.MessageToDict(change, preserving_proto_field_name=True)
    return found


def write_missing() -> None:
    """Write the golden files of events that have none."""
    GOLDEN.mkdir(exist_ok=True)
    for source, name, resource in EVENTS:
        path = GOLDEN / f"{name}.json"
        if not path.exists():
            text = json.dumps(to_json(sample(source, name, resource)), ensure_ascii=False, indent=2)
            path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_missing()

"""The catalogue of events: each is a named change of one resource.

The same list as `EventType` of the contract (a test compares them).
"""

from enum import StrEnum


class Event(StrEnum):
    """Past participles; the value is the name on the bus."""

    ORGANISATION_REGISTERED = "OrganisationRegistered"
    PATHWAY_PROJECT_DECLARED = "PathwayProjectDeclared"
    PATHWAY_PROJECT_APPROVED = "PathwayProjectApproved"
    COHORT_OPENED = "CohortOpened"
    ROSTER_FROZEN = "RosterFrozen"
    MEMBER_ENROLLED = "MemberEnrolled"
    MEMBER_REMOVED = "MemberRemoved"
    MEMBER_GRADUATED = "MemberGraduated"
    PERSON_REGISTERED = "PersonRegistered"
    STATUS_RECORD_OPENED = "StatusRecordOpened"
    STUDENT_GRADUATED = "StudentGraduated"
    STATUS_RECORD_ENDED = "StatusRecordEnded"
    BACK_STAGE_REGISTERED = "BackStageRegistered"
    BACK_STAGE_REFUSED = "BackStageRefused"
    BACK_STAGE_ENDED = "BackStageEnded"

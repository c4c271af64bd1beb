"""For whom the names in a message are opened: the schools that it is about."""

from collections.abc import Collection

from google.protobuf.message import Message
from guantong.enrollment.v1.cooperation_pb2 import CooperationHead, CooperationPupil
from guantong.enrollment.v1.guardian_pb2 import Guardian
from guantong.enrollment.v1.internship_pb2 import Internship
from guantong.enrollment.v1.learning_outcome_pb2 import LearningOutcome
from guantong.enrollment.v1.person_correction_pb2 import PersonCorrection
from guantong.enrollment.v1.person_pb2 import Person
from guantong.enrollment.v1.placement_pb2 import Placement
from guantong.enrollment.v1.status_change_pb2 import StatusChange, StatusChangeForm
from guantong.enrollment.v1.status_record_pb2 import StatusRecord
from guantong.enrollment.v1.student_number_pb2 import StudentNumber

from chassis.interceptors import current_call
from chassis.presenting import parties_by_fields

# They name no school. But whoever reads within a scope is only ever given those of whose person
# the own organisation is a party; who reads everything is given no names.
_OF_PERSONS = (
    CooperationHead,
    Guardian,
    # Of an enterprise's: those alone whose student consents to it.
    Internship,
    LearningOutcome,
    Person,
    PersonCorrection,
    Placement,
    StatusRecord,
    StudentNumber,
)
# Where graduates went is opened for bureaus too: they answer for it, and others do not.
_BUREAU = "bureau_officer"
_by_fields = parties_by_fields("front_organisation", "back_organisation")
# Why a status changes may speak of health: for the school, and for whose turn it is.
_REASONED = (StatusChange, StatusChangeForm)
_by_holder = parties_by_fields("organisation", "holder_organisation")
# So may why a pupil leaves a roster: for the pupil's school.
_by_school = parties_by_fields("school")


def parties_of(message: Message) -> Collection[str]:
    """Return the parties of a message."""
    if isinstance(message, _OF_PERSONS):
        call = current_call()
        if isinstance(message, Placement) and _BUREAU in call.caller.roles:
            return (call.caller.organisation,)
        return () if call.scope is None else (call.scope,)
    if isinstance(message, _REASONED):
        return _by_holder(message)
    if isinstance(message, CooperationPupil):
        return _by_school(message)
    return _by_fields(message)

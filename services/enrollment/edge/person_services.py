"""The services of persons put together, and what is erased again when the service starts."""

import os
from collections.abc import Sequence
from functools import partial
from typing import Final
from uuid import UUID

import grpc.aio
from google.protobuf.descriptor import FileDescriptor
from guantong.enrollment.v1 import (
    consent_service_pb2,
    consent_service_pb2_grpc,
    guardian_service_pb2,
    guardian_service_pb2_grpc,
    person_access_service_pb2,
    person_access_service_pb2_grpc,
    person_correction_service_pb2,
    person_correction_service_pb2_grpc,
    person_erasure_service_pb2,
    person_erasure_service_pb2_grpc,
    person_merge_service_pb2,
    person_merge_service_pb2_grpc,
    person_timeline_service_pb2,
    person_timeline_service_pb2_grpc,
    student_number_service_pb2,
    student_number_service_pb2_grpc,
)

from chassis import changes, db
from chassis.changes import Encoder, Encoders, Origin
from chassis.foundation import Foundation
from chassis.keys import KeyStore
from services.enrollment.commands.reapply_erasures import reapply_erasures
from services.enrollment.domain.consent import Consent
from services.enrollment.domain.guardian import Guardian
from services.enrollment.domain.person import Person
from services.enrollment.domain.person_correction import PersonCorrection
from services.enrollment.domain.person_erasure import PersonErasure
from services.enrollment.edge.consents import Consents
from services.enrollment.edge.guardians import Guardians
from services.enrollment.edge.person_accesses import PersonAccesses
from services.enrollment.edge.person_corrections import PersonCorrections
from services.enrollment.edge.person_desk import PersonDesk
from services.enrollment.edge.person_erasures import PersonErasures
from services.enrollment.edge.person_merges import PersonMerges
from services.enrollment.edge.person_timelines import PersonTimelines
from services.enrollment.edge.student_numbers import StudentNumbers
from services.enrollment.edge.wire import person_parts, persons

PERSON_CONTRACT: Final[list[FileDescriptor]] = [
    consent_service_pb2.DESCRIPTOR,
    guardian_service_pb2.DESCRIPTOR,
    person_access_service_pb2.DESCRIPTOR,
    person_correction_service_pb2.DESCRIPTOR,
    person_erasure_service_pb2.DESCRIPTOR,
    person_merge_service_pb2.DESCRIPTOR,
    person_timeline_service_pb2.DESCRIPTOR,
    student_number_service_pb2.DESCRIPTOR,
]
PERSON_ENCODERS: Final[dict[type, Encoder]] = {
    Consent: person_parts.encode_consent,
    Guardian: person_parts.encode_guardian,
    Person: persons.encode,
    PersonCorrection: person_parts.encode_correction,
    PersonErasure: person_parts.encode_erasure,
}
_NOBODY: Final = UUID(int=0)


def add_person_services(desk: PersonDesk, server: grpc.aio.Server) -> None:
    """Add the servicers of everything that belongs to persons."""
    consent_service_pb2_grpc.add_ConsentServiceServicer_to_server(Consents(desk), server)
    guardian_service_pb2_grpc.add_GuardianServiceServicer_to_server(Guardians(desk), server)
    person_access_service_pb2_grpc.add_PersonAccessServiceServicer_to_server(
        PersonAccesses(desk), server
    )
    person_correction_service_pb2_grpc.add_PersonCorrectionServiceServicer_to_server(
        PersonCorrections(desk), server
    )
    person_erasure_service_pb2_grpc.add_PersonErasureServiceServicer_to_server(
        PersonErasures(desk), server
    )
    person_merge_service_pb2_grpc.add_PersonMergeServiceServicer_to_server(
        PersonMerges(desk), server
    )
    person_timeline_service_pb2_grpc.add_PersonTimelineServiceServicer_to_server(
        PersonTimelines(desk.database), server
    )
    student_number_service_pb2_grpc.add_StudentNumberServiceServicer_to_server(
        StudentNumbers(desk), server
    )


async def erase_again(base: Foundation, keys: KeyStore, encoders: Encoders) -> int:
    """Forget whom a restored database remembers though they were erased; return how many."""
    traceparent = f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"
    origin = Origin("system:enrollment", "", base.clock.now(), traceparent)
    count, after = 0, _NOBODY
    while erasures := await keys.list_erasures(after=after):
        ids = [each.subject_id for each in erasures]
        work = partial(_forget, ids=ids, encoders=encoders, origin=origin)
        count += await base.database.transact(work)
        after = ids[-1]
    return count


async def _forget(
    tx: db.Transaction, *, ids: Sequence[UUID], encoders: Encoders, origin: Origin
) -> int:
    count = await reapply_erasures(tx, ids)
    await changes.record(tx, encoders, origin)
    return count

"""Drafted applications of made-up students, each to be submitted once.

They are written by the transfer service's own store in bulk, as earlier calls would have left
them: sealed names, several batches, a cohort of persons whose keys the service soon remembers.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from guantong.transfer.v1.application_service_pb2 import SubmitApplicationRequest

from chassis.db import Database
from chassis.ids import new_id
from chassis.keys import KeyStore
from chassis.master_keys import MasterKeys
from chassis.names import name_of
from chassis.sealed import Sealer
from deploy.local.secrets import Secrets
from services.transfer.domain import transfer_batch
from services.transfer.domain.application import Application
from services.transfer.domain.application_states import State
from services.transfer.domain.scheme import Scheme, SchemeComponent
from services.transfer.domain.transfer_batch import TransferBatch
from services.transfer.store import applications, transfer_batches

FRONT = "siyang"
BACK = "szai"
SUBMIT = "/guantong.transfer.v1.ApplicationService/SubmitApplication"
GET = "/guantong.transfer.v1.ApplicationService/GetApplication"
ETAG = '"1"'
_BATCHES = 20
_PERSONS = 100
_CHUNK = 1_000
_SCHEME = Scheme(
    components=(
        SchemeComponent(
            component_id="culture", display_name="文化", weight=40, full_mark_hundredths=10_000
        ),
        SchemeComponent(
            component_id="skills", display_name="技能", weight=60, full_mark_hundredths=10_000
        ),
    ),
    minimum_total_hundredths=6_000,
)


async def draft(dsns: Mapping[str, str], secrets: Secrets, count: int) -> list[UUID]:
    """Write so many drafts into the databases of transfer and the key store; return their ids."""
    async with (
        Database.open(dsns["transfer"], pool_size=2, application_name="bench") as database,
        Database.open(dsns["keystore"], pool_size=2, application_name="bench") as keys,
    ):
        master_keys = MasterKeys.load(secrets.master_key)
        persons = await _sealed_names(KeyStore(keys, master_keys))
        batches = [_batch() for _ in range(_BATCHES)]
        await database.transact(lambda tx: transfer_batches.add_many(tx, batches))
        drafts = list(itertools.islice(_drafts(batches, persons), count))
        for start in range(0, count, _CHUNK):
            await _add(database, drafts[start : start + _CHUNK])
        async with database.connection() as connection:
            await connection.execute("VACUUM ANALYZE")
        return [each.id for each in drafts]


def submission(application_id: UUID) -> SubmitApplicationRequest:
    """Return the request that submits a draft."""
    name = name_of("applications", application_id)
    return SubmitApplicationRequest(name=name, etag=ETAG, request_id=str(new_id()))


async def _add(database: Database, drafts: Sequence[Application]) -> None:
    await database.transact(lambda tx: applications.add_many(tx, drafts))


async def _sealed_names(keys: KeyStore) -> dict[UUID, bytes]:
    data_keys = await keys.create_many([new_id() for _ in range(_PERSONS)])
    return {
        person_id: Sealer.seal(key, person_id, "display_name", f"张三{number}")
        for number, (person_id, key) in enumerate(data_keys.items())
    }


def _batch() -> TransferBatch:
    return TransferBatch(
        id=new_id(),
        version=1,
        state=transfer_batch.State.REGISTRATION_OPEN,
        project_id=new_id(),
        front=FRONT,
        back=BACK,
        transfer_year=2023,
        plan=40,
        quota=30,
        scheme=_SCHEME,
        front_signed=True,
        back_signed=True,
    )


def _drafts(batches: Sequence[TransferBatch], persons: dict[UUID, bytes]) -> Iterator[Application]:
    of_batch = itertools.cycle(batches)
    for person_id, sealed_display_name in itertools.cycle(persons.items()):
        batch = next(of_batch)
        yield Application(
            id=new_id(),
            version=1,
            state=State.DRAFT,
            batch_id=batch.id,
            project_id=batch.project_id,
            member_id=new_id(),
            person_id=person_id,
            front=batch.front,
            back=batch.back,
            transfer_year=batch.transfer_year,
            birth_year=2004,
            sealed_display_name=sealed_display_name,
        )

"""What every service stands on, opened in order and closed in reverse: the start of each `app`.

It opens and wires parts of the chassis and decides nothing. It must not know a service.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from google.protobuf.descriptor import FileDescriptor

from chassis.clock import Clock, FileClock, SystemClock
from chassis.db import Database
from chassis.feed import Feed
from chassis.feed_tokens import FeedTokens
from chassis.head_watch import HeadWatch
from chassis.identity import TokenVerifier
from chassis.interceptors import Gate, Policy
from chassis.keys import KeyStore
from chassis.master_keys import MasterKeys, load_secret
from chassis.permissions import Grants, required_permissions
from chassis.sequencer import Sequencer
from chassis.settings import Settings, required


@dataclass(frozen=True, slots=True)
class Foundation:
    """The opened parts."""

    settings: Settings
    clock: Clock
    database: Database
    # Woken by each commit of this process; run by whichever process leads.
    sequencer: Sequencer
    feed: Feed
    request_key: bytes
    gate: Gate


@asynccontextmanager
async def founded(
    settings: Settings, contract: Sequence[FileDescriptor]
) -> AsyncIterator[Foundation]:
    """Open the parts; raises at once when settings, grants or the contract leave a gap."""
    policy = Policy(
        verifier=TokenVerifier(settings.jwks, settings.issuer, settings.audience),
        grants=Grants.load(settings.grants_file),
        permissions=required_permissions(contract),
        read_all_permission=f"{settings.service}.read_all",
    )
    clock = clock_of(settings)
    request_key = load_secret(required(settings.request_key_file, "request_key_file"))
    feed_secret_file = required(settings.feed_secret_file, "feed_secret_file")
    tokens = FeedTokens.load(feed_secret_file, service=settings.service)
    async with Database.open(
        settings.database_dsn,
        pool_size=settings.database_pool_size,
        application_name=settings.service,
    ) as database:
        sequencer, heads = Sequencer(database), HeadWatch(database)
        sequencer.on_advance(heads.wake)
        yield Foundation(
            settings=settings,
            clock=clock,
            database=database,
            sequencer=sequencer,
            request_key=request_key,
            feed=Feed(database, heads, tokens, service=settings.service),
            gate=Gate(policy, clock, settings.limits),
        )


@asynccontextmanager
async def key_store(settings: Settings) -> AsyncIterator[KeyStore]:
    """Open the key store; for services that seal or open personal values."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            Database.open(
                required(settings.keystore_dsn, "keystore_dsn"),
                pool_size=settings.database_pool_size,
                application_name=settings.service,
            )
        )
        master_keys = MasterKeys.load(required(settings.master_key_file, "master_key_file"))
        yield KeyStore(database, master_keys)


def clock_of(settings: Settings) -> Clock:
    """Return the demonstration's clock when there is one, else real time."""
    return FileClock(settings.clock_file) if settings.clock_file else SystemClock()

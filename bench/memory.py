"""The size of each process of the suite after 100,000 calls, against its size after 10,000.

Through the gateway, four reads to one submission, whose events are numbered, published and
followed by the other services meanwhile. The line shows the process that grew most.
"""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from uuid import UUID

from google.protobuf.message import Message
from guantong.transfer.v1.application_service_pb2 import GetApplicationRequest

from bench.calls import caller
from bench.drafts import FRONT, GET, SUBMIT, draft, submission
from bench.outcome import Bound, Outcome, note
from bench.suite import sizes, suite
from chassis.names import name_of
from deploy.local.secrets import Secrets

CALLS = 100_000
BASE_CALLS = 10_000
GROWTH_MAX = 1.05
_READS_PER_SUBMISSION = 4


def measure() -> Outcome:
    """Return the size of the process that grew most, in MiB."""
    base, after = asyncio.run(_measure())
    grown = max(base, key=lambda name: after[name] / base[name])
    return Outcome(
        name="memory",
        ours=after[grown],
        bare=base[grown],
        unit="MiB",
        details=[
            f"memory_{name} ratio={after[name] / base[name]:.3f} after={after[name]:.1f} "
            f"base={base[name]:.1f} unit=MiB"
            for name in base
        ],
        bounds=[
            Bound(of=f"growth of {name}", value=after[name] / base[name], at_most=GROWTH_MAX)
            for name in base
        ],
    )


async def _measure() -> tuple[dict[str, float], dict[str, float]]:
    async with suite() as stack:
        secrets = Secrets(folder=stack.folder / "secrets")
        ids = await draft(stack.door.dsns, secrets, CALLS // (_READS_PER_SUBMISSION + 1))
        mix = _mix(ids)
        claims = {"sub": "bench", "org": FRONT, "roles": ["registrar"]}
        token = f"Bearer {stack.door.issuer.sign(claims, lifetime_s=3600)}"
        found = []
        with caller(stack.folder) as calls:
            for _ in range(CALLS // BASE_CALLS):
                requests = list(itertools.islice(mix, BASE_CALLS))
                done = await asyncio.to_thread(
                    calls.call, stack.door.target, token, requests, warm=0
                )
                found.append(sizes())
                note(f"{done.per_s:.0f} calls/s; {found[-1]}")
        return found[0], found[-1]


def _mix(ids: Sequence[UUID]) -> Iterator[tuple[str, Message]]:
    for application_id in ids:
        yield SUBMIT, submission(application_id)
        name = name_of("applications", application_id)
        for _ in range(_READS_PER_SUBMISSION):
            yield GET, GetApplicationRequest(name=name)

"""What the tests of the edge stand on: pairings, an indicator, and requests that would succeed."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from google.protobuf.message import Message
from google.type.date_pb2 import Date
from guantong.assistance.v1 import indicator_service_pb2, pairing_service_pb2
from guantong.assistance.v1.indicator_pb2 import Indicator
from guantong.assistance.v1.indicator_service_pb2_grpc import IndicatorServiceStub
from guantong.assistance.v1.pairing_pb2 import Pairing
from guantong.assistance.v1.pairing_service_pb2_grpc import PairingServiceStub

from tests.assistance.made import OFFICE
from tests.served import Served

TABLES = ("pairing", "indicator", "evidence", "copy_application", "change", "request")
OFFICER = "assistance_officer"


@dataclass(frozen=True, kw_only=True)
class World:
    """A service in which szai helps siyang with an indicator, and sztf helps sqjm without."""

    service: Served
    pairing: Pairing
    indicator: Indicator
    bare_pairing: Pairing

    async def call(
        self, rpc: str, request: Message, *, party: str = OFFICE, role: str = OFFICER
    ) -> Any:
        """Call an RPC as a member of an organisation."""
        return await call(self.service, rpc, request, party=party, role=role)

    def request(self, rpc: str, **changes: Any) -> Message:
        """Return a request of an RPC that would succeed, but for these fields."""
        fields: dict[str, Any] = {
            "CreatePairing": {
                "request_id": str(uuid4()),
                "level": Pairing.LEVEL_SCHOOL,
                "programme": Pairing.PROGRAMME_INTER_SCHOOL,
                "helper": "organisations/gaobo",
                "receiver": "organisations/siyang",
                "begin_date": Date(year=2023, month=1, day=31),
            },
            "GetPairing": {"name": self.pairing.name},
            "ListPairings": {},
            "CreateIndicator": {
                "request_id": str(uuid4()),
                "pairing": self.bare_pairing.name,
                "kind": Indicator.KIND_STUDENTS_REGISTERED,
                "target": 40,
            },
            "GetIndicator": {"name": self.indicator.name},
            "ListIndicators": {"pairing": self.pairing.name},
            "ListIndicatorEvidence": {"name": self.indicator.name},
        }[rpc]
        given = {name: value for name, value in (fields | changes).items() if value is not None}
        return request_class(rpc)(**given)

    async def snapshot(self) -> dict[str, list[dict[str, Any]]]:
        """Return everything that the service has stored."""
        return {table: await self.service.rows(table) for table in TABLES}


RPCS = (
    "CreatePairing",
    "GetPairing",
    "ListPairings",
    "CreateIndicator",
    "GetIndicator",
    "ListIndicators",
    "ListIndicatorEvidence",
)


def request_class(rpc: str) -> type[Message]:
    module = pairing_service_pb2 if "Pairing" in rpc else indicator_service_pb2
    found: type[Message] = getattr(module, f"{rpc}Request")
    return found


async def call(
    service: Served, rpc: str, request: Message, *, party: str = OFFICE, role: str = OFFICER
) -> Any:
    stub = PairingServiceStub if "Pairing" in rpc else IndicatorServiceStub
    method = getattr(stub(service.channel), rpc)
    return await method(request, metadata=service.token(party, role))


async def make_world(service: Served) -> World:
    """Record the pairings and the indicator."""
    pairings = []
    for helper, receiver in (("szai", "siyang"), ("sztf", "sqjm")):
        request = pairing_service_pb2.CreatePairingRequest(
            request_id=str(uuid4()),
            level=Pairing.LEVEL_SCHOOL,
            programme=Pairing.PROGRAMME_NORTH_SOUTH,
            helper=f"organisations/{helper}",
            receiver=f"organisations/{receiver}",
            agreement_number="2023-01",
            begin_date=Date(year=2023, month=1, day=31),
        )
        pairings.append(await call(service, "CreatePairing", request))
    indicator = await call(
        service,
        "CreateIndicator",
        indicator_service_pb2.CreateIndicatorRequest(
            request_id=str(uuid4()),
            pairing=pairings[0].name,
            kind=Indicator.KIND_STUDENTS_REGISTERED,
            target=40,
        ),
    )
    return World(
        service=service, pairing=pairings[0], bare_pairing=pairings[1], indicator=indicator
    )

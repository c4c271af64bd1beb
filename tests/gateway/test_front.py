"""Readiness names the part that is not ready; the OpenAPI document is valid and open to all."""

from grpc_health.v1 import health_pb2
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.gateway.door import TestDoor, serve_all


async def test_all_parts_well_is_ready(door: TestDoor) -> None:
    answer = await door.http.get("/readyz")
    assert (answer.status_code, answer.json()["notReady"]) == (200, [])


async def test_readiness_names_the_part_that_is_not_ready(door: TestDoor) -> None:
    try:
        await door.health.set("transfer.bus", health_pb2.HealthCheckResponse.NOT_SERVING)
        answer = await door.http.get("/readyz")
    finally:
        await serve_all(door.health)
    assert (answer.status_code, answer.json()["notReady"]) == (503, ["transfer.bus"])


async def test_health_of_the_door_needs_no_service(door: TestDoor) -> None:
    assert (await door.http.get("/healthz")).json() == {"state": "SERVING"}


async def test_the_openapi_document_is_valid_and_needs_no_token(door: TestDoor) -> None:
    document = (await door.http.get("/openapi.json")).json()
    OpenAPIV31SpecValidator(document).validate()
    assert document["servers"] == [{"url": door.settings.url}]


async def test_a_service_that_is_not_serving_is_left_out_and_said_so(door: TestDoor) -> None:
    try:
        await door.health.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
        answer = await door.wait_until(503)
    finally:
        await serve_all(door.health)
    assert answer.json()["details"][0]["reason"] == "SERVICE_UNAVAILABLE"
    await door.wait_until(200)

"""The few HTTP answers beside the contract, behind Envoy; they need no token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.contract import Contract
from gateway.front.readiness import Readiness
from gateway.openapi.document import document
from gateway.settings import GatewaySettings


def build(settings: GatewaySettings) -> Starlette:
    """Return the application; the contract is read once, here."""
    openapi = JSONResponse(document(Contract.load(settings.descriptor_set), url=settings.url))

    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncIterator[None]:
        application.state.readiness = Readiness(settings.services)
        yield
        await application.state.readiness.close()

    def openapi_json(_: Request) -> Response:
        return openapi

    routes = [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/openapi.json", openapi_json),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


async def healthz(_: Request) -> Response:
    """Say that Envoy and this process run; nothing about the services."""
    return JSONResponse({"state": "SERVING"})


async def readyz(request: Request) -> Response:
    """Say which part is not ready: 200 when all are, otherwise 503."""
    states = await request.app.state.readiness.ask()
    is_ready = all(each.is_ready for each in states)
    body = {
        "ready": is_ready,
        "notReady": sorted({each.part for each in states if not each.is_ready}),
        "parts": [
            {"part": each.part, "endpoint": each.endpoint, "state": each.state} for each in states
        ],
    }
    return JSONResponse(body, status_code=200 if is_ready else 503)

"""The whole configuration of one Envoy: admin, overload limits, the listener, the clusters."""

from gateway.contract import Contract
from gateway.envoy.clusters import clusters
from gateway.envoy.listener import listener
from gateway.envoy.types import Json, named, socket
from gateway.settings import GatewaySettings

ADMIN_HOST = "127.0.0.1"


def render(settings: GatewaySettings) -> Json:
    """Return the configuration as JSON that Envoy reads; reads the descriptor set."""
    contract = Contract.load(settings.descriptor_set)
    return {
        "admin": {"address": socket(f"{ADMIN_HOST}:{settings.admin_port}")},
        "layered_runtime": {"layers": [{"name": "static", "static_layer": _runtime()}]},
        "overload_manager": {
            "resource_monitors": [
                named(
                    "envoy.resource_monitors.global_downstream_max_connections",
                    "resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
                    max_active_downstream_connections=settings.limits.connections_max,
                )
            ]
        },
        "static_resources": {
            "listeners": [listener(settings, contract)],
            "clusters": clusters(settings),
        },
    }


def _runtime() -> Json:
    return {
        "re2.max_program_size.error_level": 1000,
        # A client that opens and resets streams quickly is cut off (rapid reset).
        "overload.premature_reset_total_stream_count": 500,
        "overload.premature_reset_min_stream_lifetime_seconds": 1,
    }

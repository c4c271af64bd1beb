"""The same command over gRPC through the gateway, against calling the service directly.

Envoy runs the configuration of the product: token check, limits, JSON transcoding at hand, access
log to a file.
"""

from bench.calls import caller
from bench.command import CALLS, outcome, submitting
from bench.outcome import ROUNDS, Outcome, in_turn
from bench.surroundings import surroundings

RATIO_MIN = 0.85


def measure() -> Outcome:
    """Return calls a second, through Envoy (ours) and direct (bare)."""
    with surroundings() as around, caller(around.folder) as calls:
        left = iter(around.draft(2 * ROUNDS * CALLS))
        direct = around.serve("bench.processes.ours", service="transfer")
        door = around.serve_gateway({"transfer": direct})
        medians = in_turn(
            submitting(around, calls, door, left), submitting(around, calls, direct, left)
        )
    return outcome("gateway", *medians, ratio_min=RATIO_MIN)

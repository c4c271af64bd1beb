"""Where the domain meets protobuf: a module an aggregate, and nowhere else."""

from services.assistance.edge.wire import indicators, pairings

__all__ = ["indicators", "pairings"]

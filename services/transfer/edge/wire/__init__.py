"""Where the domain meets protobuf: a module an aggregate, and nowhere else."""

from services.transfer.edge.wire import applications, objections, transfer_batches

__all__ = ["applications", "objections", "transfer_batches"]

"""Objections on the wire."""

from collections.abc import Mapping
from typing import Any

from guantong.common.v1 import sealed_pb2
from guantong.transfer.v1 import objection_pb2 as pb
from guantong.transfer.v1 import objection_service_pb2 as service_pb

from chassis.changes import Encoded
from chassis.etags import etag_of
from chassis.names import name_of, parse_uuid
from services.transfer.commands.raise_objections import RaiseObjection
from services.transfer.commands.resolve_objections import ResolveObjection
from services.transfer.domain.objection import Objection

COLLECTION = "objections"
_SEALED = ("ground", "decision")


def to_message(fields: Mapping[str, Any]) -> pb.Objection:
    """Return the resource of a row."""
    return pb.Objection(
        name=name_of(COLLECTION, fields["id"]),
        version=fields["version"],
        etag=etag_of(fields["version"]),
        state=pb.Objection.State.Value(f"STATE_{fields['state']}"),
        application=name_of("applications", fields["application_id"]),
        transfer_batch=name_of("transferBatches", fields["batch_id"]),
        front_organisation=name_of("organisations", fields["front"]),
        back_organisation=name_of("organisations", fields["back"]),
        sealed=sealed_pb2.Sealed(
            subject=str(fields["person_id"]),
            fields={name: fields[f"sealed_{name}"] for name in _SEALED if fields[f"sealed_{name}"]},
        ),
    )


def encode(objection: Objection) -> Encoded:
    """Return the resource as it is stored, for both schools."""
    message = to_message(vars(objection))
    return Encoded(message.name, message, (objection.front, objection.back))


def to_raise(
    request: service_pb.RaiseObjectionRequest, sealed: Mapping[str, bytes]
) -> RaiseObjection:
    """Return the objection that a request records."""
    return RaiseObjection(
        application_id=parse_uuid("applications", request.application, field="application"),
        **sealed,
    )


def to_resolve(
    request: service_pb.ResolveObjectionRequest, sealed: Mapping[str, bytes]
) -> ResolveObjection:
    """Return the decision that a request records."""
    return ResolveObjection(
        id=parse_uuid(COLLECTION, request.name),
        etag=request.etag,
        upheld=request.upheld,
        **sealed,
    )

"""The services around pathway projects put together: lists, agreements, quota sheets."""

from typing import Final

import grpc.aio
from google.protobuf.descriptor import FileDescriptor
from guantong.enrollment.v1 import (
    cooperation_agreement_service_pb2,
    cooperation_agreement_service_pb2_grpc,
    project_sheet_service_pb2,
    project_sheet_service_pb2_grpc,
    provincial_list_service_pb2,
    provincial_list_service_pb2_grpc,
)

from chassis import db
from chassis.changes import Encoder
from chassis.keys import KeyStore
from chassis.presenting import Presenter
from chassis.requests import Commands
from services.enrollment.domain.agreement_contact import AgreementContact
from services.enrollment.domain.cooperation_agreement import CooperationAgreement
from services.enrollment.domain.policies import PolicyTable
from services.enrollment.domain.provincial_list import ProvincialList, ProvincialListImport
from services.enrollment.edge.cooperation_agreements import CooperationAgreements
from services.enrollment.edge.project_sheets import ProjectSheets
from services.enrollment.edge.provincial_lists import ProvincialLists
from services.enrollment.edge.wire import cooperation_agreements, provincial_lists

PATHWAY_CONTRACT: Final[list[FileDescriptor]] = [
    cooperation_agreement_service_pb2.DESCRIPTOR,
    project_sheet_service_pb2.DESCRIPTOR,
    provincial_list_service_pb2.DESCRIPTOR,
]
PATHWAY_ENCODERS: Final[dict[type, Encoder]] = {
    AgreementContact: cooperation_agreements.encode_contact,
    CooperationAgreement: cooperation_agreements.encode,
    ProvincialList: provincial_lists.encode,
    ProvincialListImport: provincial_lists.encode_import,
}


def add_pathway_services(  # noqa: PLR0917 - one of each part
    server: grpc.aio.Server,
    commands: Commands,
    reader: db.Reader,
    keys: KeyStore,
    present: Presenter,
    policies: PolicyTable,
) -> None:
    """Add the servicers of what belongs to pathway projects."""
    agreements = CooperationAgreements(
        commands=commands, reader=reader, present=present, keys=keys, policies=policies
    )
    cooperation_agreement_service_pb2_grpc.add_CooperationAgreementServiceServicer_to_server(
        agreements, server
    )
    provincial_list_service_pb2_grpc.add_ProvincialListServiceServicer_to_server(
        ProvincialLists(commands=commands, reader=reader, policies=policies), server
    )
    project_sheet_service_pb2_grpc.add_ProjectSheetServiceServicer_to_server(
        ProjectSheets(reader=reader), server
    )

"""What a person reads when the suite is up: addresses, a token for each persona, what to try."""

from pathlib import Path

from deploy.local.door import Door
from deploy.local.environment import ROOT
from deploy.local.issuer import personas
from deploy.local.secrets import write

PERSONA_TO_TRY = "szai_registrar"


def welcome(door: Door, tokens: Path) -> str:
    """Return the text; writes each token to a file, so that commands stay readable."""
    tokens.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = []
    for name, persona in personas().items():
        token = door.token(name)
        write(tokens / name, token.encode())
        lines.append(f"  {name:18} {persona.title_zh} / {persona.title_en}\n    {token}")
    folder = tokens.relative_to(ROOT)
    return TEXT.format(
        url=door.url,
        target=door.target,
        tokens="\n".join(lines),
        root=ROOT,
        folder=folder,
        token=f"{folder}/{PERSONA_TO_TRY}",
    )


# Commands begin at the margin: they are copied as they stand, and Python and here-documents
# mind what is before a line.
TEXT = """
Addresses
  {url}                 gRPC, JSON and gRPC-Web
  {url}/openapi.json    the contract as OpenAPI 3.1
  {url}/readyz          which part is ready

Tokens, valid for 12 hours (also in {folder}/)
{tokens}

Try next, in another terminal, in {root}

1. JSON, with curl:

curl -H "Authorization: Bearer $(cat {token})" \\
  "{url}/v1/applications?pageSize=3"

2. gRPC, with buf:

node_modules/.bin/buf curl --schema proto/.deps/guantong.binpb --protocol grpc \\
  --http2-prior-knowledge -H "Authorization: Bearer $(cat {token})" \\
  -d '{{"pageSize": 3}}' \\
  {url}/guantong.transfer.v1.ApplicationService/ListApplications

3. Python:

.venv/bin/python - <<'PYTHON'
import grpc
from guantong.transfer.v1 import application_service_pb2 as pb
from guantong.transfer.v1 import application_service_pb2_grpc as rpc
stub = rpc.ApplicationServiceStub(grpc.insecure_channel("{target}"))
token = open("{token}").read()
request = pb.ListApplicationsRequest(page_size=3)
print(stub.ListApplications(request, metadata=[("authorization", f"Bearer {{token}}")]))
PYTHON
"""

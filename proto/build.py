"""Builds the contract: third-party descriptors, generated Python, descriptor images, lint.

Everything comes from installed packages: protoc from grpcio-tools, google/* from
googleapis-common-protos, protovalidate's rules from the descriptor inside its wheel.
It must not fetch anything, nor write outside `proto/gen`, `proto/.deps` and `proto/base.binpb`.
"""

import argparse
import filecmp
import shutil
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import grpc_tools
from google.protobuf.descriptor_pb2 import FileDescriptorSet

ROOT = Path(__file__).resolve().parent
GENERATED = ROOT / "gen"
DEPENDENCIES = ROOT / ".deps"
IMAGE = DEPENDENCIES / "guantong.binpb"
OWN_IMAGE = DEPENDENCIES / "own.binpb"
BASE_IMAGE = ROOT / "base.binpb"
RULES = DEPENDENCIES / "validate.binpb"
RULES_PROTO = "buf/validate/validate.proto"
# Named explicitly: Envoy answers errors with these, though no RPC of ours mentions them.
STATUS_PROTOS = ("google/rpc/status.proto", "google/rpc/error_details.proto")


class BuildError(Exception):
    """A step failed; the tool's own words have been printed."""


def main() -> int:
    steps = {
        "dependencies": build_dependencies,
        "generate": regenerate,
        "check": check,
        "lint": lint,
        "base": keep_base,
    }
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m proto.build")
    parser.add_argument("step", choices=steps)
    try:
        steps[parser.parse_args().step]()
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def build_dependencies() -> None:
    """Write what set-up needs: the rules' Python and the image of the whole contract."""
    DEPENDENCIES.mkdir(exist_ok=True)
    _write_rules()
    _protoc(
        f"--descriptor_set_in={RULES}",
        f"--python_out={DEPENDENCIES}",
        f"--mypy_out=quiet:{DEPENDENCIES}",
        RULES_PROTO,
    )
    _write_image(IMAGE)


def regenerate() -> None:
    """Bring proto/gen, and what set-up needs, to what the contract says now."""
    build_dependencies()
    generate(GENERATED)


def generate(target: Path) -> None:
    """Generate the Python of the contract into `target`, from nothing; reads set-up's files."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    _protoc(
        *_sources(),
        f"--python_out={target}",
        f"--grpc_python_out={target}",
        f"--mypy_out=quiet:{target}",
        f"--mypy_grpc_out=quiet:{target}",
        *own_protos(),
    )
    _drop_empty_stubs(target)


def check() -> None:
    """Compare proto/gen with what the contract generates now; both must hold the same files."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "gen"
        generate(fresh)
        stale = sorted(_differences(fresh, GENERATED))
    if stale:
        raise BuildError("proto/gen is stale (run `make gen`):\n  " + "\n  ".join(stale))


def lint() -> None:
    """Lint the contract with buf, and refuse a change that breaks the committed base."""
    build_dependencies()
    _write_own_image()
    _buf("lint", str(OWN_IMAGE))
    if BASE_IMAGE.exists():
        _buf("breaking", str(OWN_IMAGE), "--against", str(BASE_IMAGE))


def keep_base() -> None:
    """Make today's contract the base that later ones are compared with."""
    build_dependencies()
    image = FileDescriptorSet.FromString(IMAGE.read_bytes())
    for file in image.file:
        file.ClearField("source_code_info")
    BASE_IMAGE.write_bytes(image.SerializeToString(deterministic=True))


def own_protos() -> list[str]:
    protos = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "guantong").rglob("*.proto"))
    if not protos:
        raise BuildError("There is no .proto file under proto/guantong.")
    return protos


def _sources() -> tuple[str, ...]:
    """Return protoc's search paths: ours, google/api and google/rpc, google/protobuf."""
    google = Path(str(import_module("google.rpc.status_pb2").__file__)).parents[2]
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    return (f"--descriptor_set_in={RULES}", f"-I{ROOT}", f"-I{google}", f"-I{well_known}")


def _write_rules() -> None:
    """Write protovalidate's own descriptor, with the well-known types that it imports."""
    rules = import_module("protovalidate._gen.buf.validate.validate_pb")
    files = FileDescriptorSet()
    for name in ("descriptor", "duration", "field_mask", "timestamp"):
        module = import_module(f"google.protobuf.{name}_pb2")
        module.DESCRIPTOR.CopyToProto(files.file.add())
    files.file.add().ParseFromString(rules._DESC.proto.to_binary())  # noqa: SLF001 - not exported
    RULES.write_bytes(files.SerializeToString())


def _write_image(path: Path) -> None:
    unfinished = path.with_suffix(".unfinished")
    _protoc(
        *_sources(),
        "--include_imports",
        "--include_source_info",
        f"--descriptor_set_out={unfinished}",
        *own_protos(),
        *STATUS_PROTOS,
    )
    # Whole or not at all, for a running suite reads it.
    unfinished.rename(path)


def _write_own_image() -> None:
    """Write the image that buf reads.

    Third-party files are in it, because ours import them; buf.yaml leaves them out of the
    rules through `ignore`. Source information stays for ours only, for the comments.
    """
    image = FileDescriptorSet.FromString(IMAGE.read_bytes())
    for file in image.file:
        if not file.name.startswith("guantong/"):
            file.ClearField("source_code_info")
    OWN_IMAGE.write_bytes(image.SerializeToString(deterministic=True))


def _drop_empty_stubs(target: Path) -> None:
    """Remove the gRPC modules of files without a service: protoc writes them empty."""
    for stub in target.rglob("*_pb2_grpc.py"):
        source = stub.with_name(stub.name.replace("_pb2_grpc.py", "_pb2.py"))
        if "Stub:" not in stub.read_text() and "Stub(object)" not in stub.read_text():
            stub.unlink()
            stub.with_suffix(".pyi").unlink(missing_ok=True)
        elif not source.exists():
            raise BuildError(f"{stub} has no {source.name}")


def _differences(fresh: Path, kept: Path) -> set[str]:
    names = {
        str(path.relative_to(folder))
        for folder in (fresh, kept)
        for path in folder.rglob("*.py*")
        if path.suffix in {".py", ".pyi"}
    }
    return {
        name
        for name in names
        if not (fresh / name).exists()
        or not (kept / name).exists()
        or not filecmp.cmp(fresh / name, kept / name, shallow=False)
    }


def _protoc(*arguments: str) -> None:
    plugins = Path(sys.executable).parent
    _run(
        sys.executable,
        "-m",
        "grpc_tools.protoc",
        f"--plugin=protoc-gen-mypy={plugins / 'protoc-gen-mypy'}",
        f"--plugin=protoc-gen-mypy_grpc={plugins / 'protoc-gen-mypy_grpc'}",
        *arguments,
    )


def _buf(*arguments: str) -> None:
    _run(find_buf(), *arguments, folder=ROOT.parent)


def find_buf() -> str:
    """Return the native buf of this machine; the npm package also holds a launcher in Node."""
    packages = ROOT.parent / "node_modules" / "@bufbuild"
    found = sorted(packages.glob("buf-*/bin/buf*"))
    if not found:
        raise BuildError("buf is not installed: run `make setup`.")
    return str(found[0])


def _run(*command: str, folder: Path = ROOT) -> None:
    done = subprocess.run(command, cwd=folder, check=False)
    if done.returncode:
        raise BuildError(f"{Path(command[0]).name} {command[1]} failed.")


if __name__ == "__main__":
    sys.exit(main())

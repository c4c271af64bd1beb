"""Serves the front on the port that Envoy knows: `python -m gateway.front`."""

import uvicorn

from gateway.front.app import build
from gateway.settings import load


def main() -> None:
    settings = load()
    host, _, port = settings.front.rpartition(":")
    # Envoy writes the access log.
    uvicorn.run(build(settings), host=host, port=int(port), access_log=False, log_level="warning")


if __name__ == "__main__":
    main()

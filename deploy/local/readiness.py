"""Asks the front, which asks the processes themselves, who is ready.

The launcher itself must not speak gRPC before it starts children: its threads do not survive
a fork.
"""

import json
import urllib.error
import urllib.request
from typing import Any

from deploy.local.ports import HOST

TIMEOUT_S = 3.0
SERVING = "SERVING"


def front_answers(port: int) -> bool:
    return _get(port, "/healthz") is not None


def service_is_ready(port: int, service: str) -> bool:
    """Return whether every part of every worker of the service serves."""
    answer = _get(port, "/readyz")
    if answer is None:
        return False
    parts = [each for each in answer["parts"] if each["part"].partition(".")[0] == service]
    return bool(parts) and all(each["state"] == SERVING for each in parts)


def _get(port: int, path: str) -> Any:
    """Return the JSON of an answer, whatever its status; None when there is none."""
    url = f"http://{HOST}:{port}{path}"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return json.load(refused)
    except OSError:
        return None

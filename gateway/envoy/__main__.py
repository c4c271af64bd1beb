"""Prints Envoy's configuration for the settings in the environment: `python -m gateway.envoy`."""

import json
import sys

from gateway.envoy.bootstrap import render
from gateway.settings import load

if __name__ == "__main__":
    json.dump(render(load()), sys.stdout, indent=1)

"""The suite on one machine: real PostgreSQL, NATS and Envoy, and the services, as child processes.

Used by `make run` and, whole or in parts, by the tests. It must not know what the services do.
"""

import os

# Servers are started from processes in which gRPC has threads: its handlers of a fork would run,
# and sometimes crash, in the child that is about to become the server.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")

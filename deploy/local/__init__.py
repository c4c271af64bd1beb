"""The suite on one machine: real PostgreSQL, NATS and Envoy, and the services, as child processes.

Used by `make run` and, whole or in parts, by the tests. It must not know what the services do.
"""

"""Alembic's entry to the key store."""

from chassis.keystore.tables import metadata
from chassis.migrations import run_environment

run_environment(metadata)

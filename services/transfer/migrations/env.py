"""Alembic's entry to the transfer database."""

from chassis.migrations import run_environment
from services.transfer.store.tables import metadata

run_environment(metadata)

"""Alembic's entry to the assistance database."""

from chassis.migrations import run_environment
from services.assistance.store.tables import metadata

run_environment(metadata)

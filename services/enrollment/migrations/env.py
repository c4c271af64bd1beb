"""Alembic's entry to the enrollment database."""

from chassis.migrations import run_environment
from services.enrollment.store.tables import metadata

run_environment(metadata)

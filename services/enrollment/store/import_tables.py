"""The tables of imports, as the chassis defines them. Definitions only."""

from chassis.import_tables import define_import_tables
from services.enrollment.store.tables import metadata

define_import_tables(metadata)

"""Keep names, regions, superiors, ends and successors of organisations; the catalogues of majors

Revision ID: 0002
Revises: 0001
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = postgresql.JSONB()
    new: list[sa.Column[Any]] = [
        sa.Column("state", sa.Text(), nullable=False, server_default="ACTIVE"),
        sa.Column("names", json, nullable=False, server_default="[]"),
        sa.Column("search_text", sa.Text(), nullable=False, server_default=""),
        sa.Column("regions", json, nullable=False, server_default="[]"),
        sa.Column("zone", sa.Text(), nullable=False, server_default=""),
        sa.Column("reports_to", json, nullable=False, server_default="[]"),
        sa.Column("established_date", sa.Date(), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("end_kind", sa.Text(), nullable=True),
        sa.Column("successors", json, nullable=False, server_default="[]"),
        sa.Column("block_reason", sa.Text(), nullable=False, server_default=""),
    ]
    for column in new:
        op.add_column("organisation", column)
    # Those that are there have the one name and region that they were registered with.
    op.execute(
        """
        UPDATE organisation SET
          names = jsonb_build_array(jsonb_build_object(
            'text', display_name, 'kind', 'REGISTERED',
            'valid_from_date', NULL, 'valid_to_date', NULL)),
          regions = jsonb_build_array(jsonb_build_object(
            'region_code', region_code, 'valid_from_date', NULL, 'valid_to_date', NULL)),
          search_text = regexp_replace(
            lower(normalize(concat_ws(E'\\n', display_name, english_name,
              (SELECT string_agg(name, E'\\n') FROM jsonb_array_elements_text(raw_names) AS name)
            ), NFKC)), '[^[:alnum:]\\n]', '', 'g')
        """
    )
    for column in new:
        if column.server_default is not None:
            op.alter_column("organisation", column.name, server_default=None)
    op.create_check_constraint(
        "organisation_end", "organisation", "(end_date is null) = (end_kind is null)"
    )
    op.create_check_constraint(
        "organisation_state", "organisation", "(state = 'ENDED') = (end_date is not null)"
    )
    op.create_index(
        "organisation_successors", "organisation", ["successors"], postgresql_using="gin"
    )
    op.create_table(
        "major",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("catalogue_year", sa.Integer(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("subcategory", sa.Text(), nullable=False),
        sa.Column("valid_from_date", sa.Date(), nullable=False),
        sa.Column("valid_to_date", sa.Date(), nullable=True),
        sa.Column("successors", json, nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.CheckConstraint("valid_to_date >= valid_from_date", name="major_validity"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "major_open_code",
        "major",
        ["code"],
        unique=True,
        postgresql_where=sa.text("valid_to_date is null"),
    )
    op.create_index("major_code", "major", ["code", "valid_from_date"])
    op.create_index("major_level", "major", ["level", "valid_from_date"])
    for name in ("front_direction", "back_direction"):
        op.add_column(
            "pathway_project", sa.Column(name, sa.Text(), nullable=False, server_default="")
        )
        op.alter_column("pathway_project", name, server_default=None)

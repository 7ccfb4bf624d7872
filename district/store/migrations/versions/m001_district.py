"""The first tables."""

from alembic import op

from district.store.postgresql_schema import FACTS

revision = "001"
down_revision = None


def upgrade() -> None:
    for statement in FACTS:
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))

"""Rows that are being mended may be put in anew; nothing else may be changed or taken out (`PostgresqlStore.mend`)."""

from alembic import op

from district.store.postgresql_schema import MENDING

revision = "004"
down_revision = "003"


def upgrade() -> None:
    for statement in MENDING:
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))

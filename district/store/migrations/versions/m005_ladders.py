"""The ladder of an incident is its community's, whoever else writes under its id. The ladder lays its tables itself."""

from alembic import op

revision = "005"
down_revision = "004"


def upgrade() -> None:
    db = op.get_bind()
    db.exec_driver_sql("ALTER TABLE IF EXISTS ladder_rows DROP CONSTRAINT IF EXISTS ladder_rows_pkey")
    db.exec_driver_sql("ALTER TABLE IF EXISTS ladder_rows ADD PRIMARY KEY (incident, community)")

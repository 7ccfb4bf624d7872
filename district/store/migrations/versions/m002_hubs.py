"""The hub a device is enrolled with."""

from alembic import op

from district.store.registry_schema import VIA

revision = "002"
down_revision = "001"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(VIA)

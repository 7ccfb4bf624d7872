"""Row-level security for the server's own readers (`district.store.wall`)."""

from alembic import op

from district.store.wall import RAISE

revision = "003"
down_revision = "002"


def upgrade() -> None:
    for statement in RAISE:
        op.get_bind().exec_driver_sql(statement.replace("%", "%%"))

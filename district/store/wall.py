"""The second wall on PostgreSQL: readers are another role than the owner of the tables, and see the facts of the communities they
were told of in this transaction, whatever a statement forgot to say; told of none, they see none.

The writers' connections stay the owner's: COPY knows no row-level security, and they read nothing that goes out.
"""

from collections.abc import Iterable
from typing import Any

import psycopg

READER = "shouwang_reader"
# A role belongs to the whole cluster: another database may have made it, or this one may not be allowed to.
RAISE = (
    f"""DO $$ BEGIN
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}') THEN CREATE ROLE {READER} NOLOGIN; END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL; END $$""",
    "ALTER TABLE payloads ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE fact_ids ENABLE ROW LEVEL SECURITY",
    *(
        f"""CREATE POLICY scope ON {table} FOR SELECT
            USING (community = ANY (string_to_array(current_setting('shouwang.communities', true), E'\\x1f')))"""
        for table in ("payloads", "fact_ids")
    ),
    # A partition that is asked directly has no policy, and so shows nothing to anybody but its owner.
    """DO $$ DECLARE name regclass; BEGIN
         FOR name IN SELECT inhrelid::regclass FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid WHERE c.relkind = 'r' LOOP
           EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
         END LOOP; END $$""",
)
_GRANT = (
    f"GRANT {READER} TO CURRENT_USER",
    f"GRANT USAGE ON SCHEMA public TO {READER}",
    f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}",
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {READER}",
)
_LOCK = 0x5348_4F57  # one server at a time: grants to one role from two sessions collide


def stands(url: str) -> bool:
    """Whether the readers' role is there and may be taken; what it needs to read is granted first."""
    with psycopg.connect(url) as db:
        db.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        if db.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (READER,)).fetchone() is None:
            return False
        try:
            for statement in _GRANT:
                with db.transaction():
                    db.execute(statement)
            with db.transaction():
                db.execute(f"SET LOCAL ROLE {READER}")
        except psycopg.errors.InsufficientPrivilege:
            return False
        return True


def go_behind(db: psycopg.Connection[Any]) -> None:
    """From here on this connection reads behind the wall."""
    db.execute(f"SET ROLE {READER}")
    db.commit()


def open_for(db: psycopg.Connection[Any], communities: Iterable[str]) -> None:
    """For this transaction the facts of these communities are seen."""
    db.execute("SELECT set_config('shouwang.communities', %s, true)", ("\x1f".join(communities),))


def step_over(db: psycopg.Connection[Any]) -> None:
    """For this transaction everything is seen: the rules and the operator look at the whole district."""
    db.execute("SET LOCAL ROLE NONE")

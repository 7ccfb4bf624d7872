"""A PostgreSQL that has gone without a word is given up, by every connection that the store holds."""

import os
import socket
from collections.abc import Callable
from contextlib import closing

from psycopg.conninfo import conninfo_to_dict

from district.store.postgresql import PostgresqlStore
from district.store.postgresql_url import noticing


def told(fd: int) -> tuple[int, int]:
    """(ms that sent bytes may stay unanswered, seconds of silence before it is asked whether it lives)."""
    with socket.socket(fileno=os.dup(fd)) as line:
        return (
            line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
            line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
        )


def test_readers_and_writers_notice_a_silent_end(empty_database: Callable[[], str]) -> None:
    with closing(PostgresqlStore(empty_database(), "district")) as store:
        with store._pool.connection() as reader:
            assert told(reader.fileno()) == (20_000, 10)
        assert told(store._seat(0).fileno()) == (20_000, 10)


def test_what_the_operator_wrote_stands() -> None:
    found = conninfo_to_dict(
        noticing("postgresql://shouwang@db.example/shouwang?tcp_user_timeout=5000&sslmode=verify-full")
    )
    assert (found["tcp_user_timeout"], found["sslmode"], found["host"]) == ("5000", "verify-full", "db.example")
    assert found["keepalives_count"] == "3"

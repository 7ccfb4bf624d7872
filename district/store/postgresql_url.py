"""How a connection to PostgreSQL notices that the other end has gone.

A host that lost its power, or a line that was cut, says nothing: Linux asks a silent connection after two hours, and sends what was
written again for a quarter of an hour. Meanwhile every thread that asked would wait, the watch's among them.
"""

from psycopg.conninfo import conninfo_to_dict, make_conninfo

_NOTICE = {  # https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-PARAMKEYWORDS, in seconds
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # ms
}


def noticing(url: str) -> str:
    """The same database, given up within about 25 s of silence; what the operator wrote into the URL stands."""
    given = conninfo_to_dict(url)
    return make_conninfo(url, **{name: value for name, value in _NOTICE.items() if name not in given})

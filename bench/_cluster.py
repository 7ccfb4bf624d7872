"""A PostgreSQL cluster of one's own in a temporary folder, on loopback, from the machine's binaries; gone when done."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def binaries() -> Path | None:
    """Where PostgreSQL 15 or newer keeps its programs; None where there is none."""
    found = [
        p for p in Path("/usr/lib/postgresql").glob("*/bin") if p.parent.name.isdigit() and int(p.parent.name) >= 15
    ]
    return max(found, key=lambda p: int(p.parent.name), default=None)


def _as_anybody() -> list[str]:
    """PostgreSQL refuses to run as root: how to run as a user who owns nothing."""
    if os.geteuid() != 0:
        return []
    users = {u.pw_name for u in pwd.getpwall()}
    return ["runuser", "-u", "postgres" if "postgres" in users else "nobody", "--"]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=folder)


@contextmanager
def cluster() -> Iterator[str]:
    """The URL of a fresh database. Raises FileNotFoundError where PostgreSQL is not installed."""
    programs = binaries()
    if programs is None:
        raise FileNotFoundError("PostgreSQL 15 or newer is not installed (apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="shouwang-pg-"))
    user, port = _as_anybody(), free_port()
    try:
        if user:
            shutil.chown(folder, user[2])
        data = folder / "data"
        init = ["initdb", "-D", str(data), "-U", "shouwang", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        _run([*user, str(programs / init[0]), *init[1:]], folder)
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c shared_buffers=128MB"
        )
        control = [*user, str(programs / "pg_ctl"), "-D", str(data), "-w"]
        _run([*control, "-o", options, "-l", str(folder / "log"), "start"], folder)
        try:
            yield f"postgresql://shouwang@127.0.0.1:{port}/postgres"
        finally:
            _run([*control, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)

"""A dump of PostgreSQL comes to life on another machine: whole, readers behind their wall, and nobody who was erased since."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg

from bench._cluster import binaries, cluster
from district.bootstrap import opened
from district.config import DistrictSettings
from district.store.postgresql import PostgresqlStore
from district.store.wall import READER
from tests.contracts.store_facts import NOW, batch, event
from tests.fakes.there import there


def run(program: str, url: str, *words: object) -> str:
    """What it has to complain of."""
    done = subprocess.run(
        [there(binaries()) / program, *map(str, words), "-d", url], capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) == (not done.stderr), done.stderr
    return done.stderr


def test_a_dump_serves_on_another_machine(empty_database: Callable[[], str], tmp_path: Path) -> None:
    here, dump = DistrictSettings(data=tmp_path / "here", database=empty_database()), tmp_path / "district.dump"
    with opened(here) as office:
        office.store.append_batch(batch([event(n, "sign.door", subject=f"p{n % 2}") for n in range(1, 9)])).result(20)
        before = office.store.counts()
        assert run("pg_dump", here.database, "-Fc", "-f", dump) == ""
        office.store.append_own("person.erased", "jinxiu", "p1", NOW, {"by": "two"})
    new = DistrictSettings(data=tmp_path / "there")
    new.data.mkdir()
    shutil.copy(here.data / "identity.json", new.data)
    shutil.copytree(here.data / "keys", new.data / "keys")
    with cluster() as url:
        assert READER in run("pg_restore", url, "--exit-on-error", dump), "the dump names the role"
        with psycopg.connect(url, autocommit=True) as db:
            db.execute("CREATE DATABASE shouwang")
            db.execute(f"CREATE ROLE {READER}")
        url = url.replace("/postgres", "/shouwang")
        assert run("pg_restore", url, "--exit-on-error", dump) == ""
        with opened(new.model_copy(update={"database": url})) as office:
            store = office.store
            assert isinstance(store, PostgresqlStore)
            assert store.walled
            assert store.counts()["facts"] == before["facts"] + 1, "the erasure is said anew"
            assert {i.event.kind for i in store.about("p1") if i.event.payload is not None} == {"person.erased"}
            assert len([i for i in store.about("p0") if i.event.payload is not None]) == 4
            assert store.append_batch(batch([event(9, "sign.door", subject="p1")])).result(20).through == 9
            assert office.audit.verify().whole

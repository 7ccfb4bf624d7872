"""What is said goes out at once: an answer leaves in two pieces, and Nagle would hold the second one back for 40 ms."""

import asyncio
import socket
from pathlib import Path

import pytest

from district.config import DistrictSettings
from district.listening import listen, outward


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_connection_holds_nothing_back(tmp_path: Path, host: str) -> None:
    async def nodelay() -> int:
        accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def met(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        with listen(DistrictSettings(host=host, port=0, data=tmp_path)) as listening:
            async with await asyncio.start_server(met, sock=listening):
                _, writer = await asyncio.open_connection(*listening.getsockname()[:2])
                found = await accepted
                writer.close()
        return found

    assert asyncio.run(nodelay()) != 0


@pytest.mark.parametrize("everywhere", ["0.0.0.0", "::"])
def test_who_listens_at_every_address_names_one_that_others_can_go_to(everywhere: str) -> None:
    named = outward(everywhere)
    assert named not in ("0.0.0.0", "::")
    with socket.socket() as here:
        here.bind((named, 0))  # it is this machine's
    assert outward("10.0.0.7") == "10.0.0.7"

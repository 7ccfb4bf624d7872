"""What is said goes out at once: an answer leaves in two pieces, and Nagle would hold the second one back for 40 ms."""

import asyncio
import socket
from pathlib import Path

import pytest

from district.bootstrap import listen
from district.config import DistrictSettings


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

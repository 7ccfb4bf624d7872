"""Network cameras that show a folder of pictures again and again: `python streams.py (http|rtsp) FOLDER [frames]`.

It prints its address, serves one viewer after another, and hangs up on each after so many frames. HTTP is MJPEG as most cheap
cameras give it (multipart/x-mixed-replace), also behind a password; RTSP is H.264 in RTP between the lines of one TCP connection
(RFC 2326, 10.12), of which it speaks no more than a player asks. Processes of their own: FFmpeg waits without letting go of Python.
"""

import base64
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice
from pathlib import Path
from typing import ClassVar

import av
import numpy as np
from PIL import Image

FPS = 15
USER = "gate:geheim"
PAGE = b"<html><body>Welcome to your camera</body></html>\n" * 40
SDP = (
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=gate\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\nc=IN IP4 0.0.0.0\r\n"
    "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:track0\r\n"
)


def pictures(folder: Path, frames: int) -> Iterator[Path]:
    """The folder's pictures over and over, at their pace."""
    start = time.monotonic()
    for i, path in enumerate(islice(cycle(sorted(folder.glob("*.png"))), frames)):
        time.sleep(max(0.0, start + i / FPS - time.monotonic()))
        yield path


class Mjpeg(BaseHTTPRequestHandler):
    """`/cam.mjpg` for everybody, `/private.mjpg` for USER, `/page` is no video; anything else is not there."""

    folder: ClassVar[Path]
    frames: ClassVar[int]

    def do_GET(self) -> None:
        allowed = self.headers.get("Authorization") == f"Basic {base64.b64encode(USER.encode()).decode()}"
        if self.path == "/private.mjpg" and not allowed:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="gate"')
            self.end_headers()
        elif self.path == "/page":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(PAGE)))
            self.end_headers()
            self.wfile.write(PAGE)
        elif self.path not in ("/cam.mjpg", "/private.mjpg"):
            self.send_error(404)
        else:
            with suppress(OSError):  # the viewer has left
                self._show()

    def _show(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace;boundary=frame")
        self.end_headers()
        for path in pictures(self.folder, self.frames):
            jpeg = path.with_suffix(".jpg").read_bytes()
            self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg))
            self.wfile.write(jpeg + b"\r\n")

    def log_message(self, *_: object) -> None:
        pass


def serve_http(folder: Path, frames: int) -> None:
    for path in folder.glob("*.png"):
        Image.open(path).convert("RGB").save(path.with_suffix(".jpg"), quality=92)
    Mjpeg.folder, Mjpeg.frames = folder, frames
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mjpeg)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


def serve_rtsp(folder: Path, frames: int) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"rtsp://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    while True:
        viewer, _ = listener.accept()
        threading.Thread(target=_answer, args=(viewer, folder, frames), daemon=True).start()


def _answer(viewer: socket.socket, folder: Path, frames: int) -> None:
    """One viewer's conversation, until PLAY."""
    asked = viewer.makefile("rb")
    while line := asked.readline().decode():
        verb, url = line.split()[:2]
        heads = {}
        while head := asked.readline().decode().strip():
            name, _, value = head.partition(":")
            heads[name.lower()] = value.strip()
        status, extra, body = "200 OK", "", ""
        if "/gate" not in url and verb != "OPTIONS":
            status = "404 Not Found"
        elif verb == "OPTIONS":
            extra = "Public: DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        elif verb == "DESCRIBE":
            body, extra = (
                SDP,
                f"Content-Base: {url}/\r\nContent-Type: application/sdp\r\nContent-Length: {len(SDP)}\r\n",
            )
        elif verb == "SETUP":
            extra = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n"
        elif verb == "PLAY":
            extra = "Session: 1\r\n"
        viewer.sendall(f"RTSP/1.0 {status}\r\nCSeq: {heads['cseq']}\r\n{extra}\r\n{body}".encode())
        if verb == "PLAY":
            _play(viewer, folder, frames)
            return


def _play(viewer: socket.socket, folder: Path, frames: int) -> None:
    """RTP as FFmpeg packs it for UDP, handed on between the lines of this connection."""
    packets = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    packets.bind(("127.0.0.1", 0))
    packets.settimeout(0.01)
    first = np.asarray(Image.open(next(iter(sorted(folder.glob("*.png"))))).convert("RGB"))
    with av.open(f"rtp://127.0.0.1:{packets.getsockname()[1]}", "w", format="rtp") as out, viewer:
        stream = out.add_stream("libx264", rate=FPS, options={"tune": "zerolatency", "preset": "ultrafast", "g": "5"})
        stream.width, stream.height, stream.pix_fmt = first.shape[1], first.shape[0], "yuv420p"
        for path in pictures(folder, frames):
            shown = av.VideoFrame.from_ndarray(np.asarray(Image.open(path).convert("RGB")), format="rgb24")
            for packet in stream.encode(shown):
                out.mux(packet)
            try:
                while True:
                    rtp = packets.recv(65536)
                    viewer.sendall(b"$\x00" + len(rtp).to_bytes(2, "big") + rtp)
            except TimeoutError:
                continue
            except OSError:
                return  # the viewer has left


if __name__ == "__main__":
    serve = {"http": serve_http, "rtsp": serve_rtsp}[sys.argv[1]]
    serve(Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000)

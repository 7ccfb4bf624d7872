"""A small video, as a file or as a network camera that serves one viewer and hangs up: `python video_server.py URL`.

The server is a process of its own because FFmpeg waits for its viewer without letting other threads of Python run.
"""

import sys

import av
import numpy as np

FRAMES, SIZE = 12, (64, 96)


def picture(i: int) -> np.ndarray:
    """One frame; a bar grows with `i`."""
    image = np.zeros((*SIZE, 3), np.uint8)
    image[:, : 8 * (i + 1) % SIZE[1]] = (40, 90, 200)
    return image


def write_video(target: str, frames: int = FRAMES, format: str | None = None) -> None:
    """Write the video to a file or URL."""
    with av.open(target, "w", format=format) as out:
        stream = out.add_stream("mpeg2video" if format == "mpegts" else "mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = SIZE[1], SIZE[0], "yuv420p"
        for i in range(frames):
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture(i), format="bgr24")):
                out.mux(packet)
        for packet in stream.encode():
            out.mux(packet)


if __name__ == "__main__":
    write_video(sys.argv[1], 4 * FRAMES, "mpegts")

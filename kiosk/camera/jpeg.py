"""A frame as a small JPEG, for somebody at a desk to look at."""

import io

from PIL import Image as Pillow

from kiosk.camera.port import Image

WIDTH, QUALITY = 480, 60


def as_jpeg(image: Image, width: int = WIDTH) -> bytes:
    """`image` HxWx3 blue-green-red, no wider than `width` pixels."""
    picture = Pillow.fromarray(image[:, :, ::-1])
    if picture.width > width:
        picture = picture.resize((width, max(1, picture.height * width // picture.width)))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()

"""One face cut out of a picture."""

from kiosk.faces.engine import Image
from kiosk.faces.messages import FaceBox


def cut_out(image: Image, box: FaceBox, margin: float) -> Image:
    """The face with `margin` of its box on every side, as far as `image` (HxWx3) goes; a copy."""
    height, width = image.shape[:2]
    left, right = box.x - margin * box.w, box.x + (1 + margin) * box.w
    top, bottom = box.y - margin * box.h, box.y + (1 + margin) * box.h
    x0, x1 = max(0, int(left * width)), min(width, max(int(right * width), 1))
    y0, y1 = max(0, int(top * height)), min(height, max(int(bottom * height), 1))
    return image[y0:y1, x0:x1].copy()

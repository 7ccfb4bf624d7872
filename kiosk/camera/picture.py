"""From a decoded video frame to the picture that a camera's consumers get."""

import av
import numpy as np

from kiosk.camera.port import Image


def upright(decoded: "av.VideoFrame") -> Image:
    """The frame as blue-green-red, turned by the rotation its recording carries: telephones film upright on their sides."""
    image = decoded.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
    quarters = round(decoded.rotation / 90) % 4  # degrees anticlockwise, as rot90 turns
    return np.ascontiguousarray(np.rot90(image, quarters)) if quarters else image

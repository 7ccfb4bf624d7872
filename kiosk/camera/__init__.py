"""Pictures of the gate: one port, four sources (USB, network stream, video file, folder of frames), one feed thread."""

from kiosk.camera.feed import CameraFeed, FeedState, Health
from kiosk.camera.open import open_camera
from kiosk.camera.port import Camera, Frame

__all__ = ["Camera", "CameraFeed", "FeedState", "Frame", "Health", "open_camera"]

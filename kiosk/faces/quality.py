"""Face image quality from the picture and its five points; component names as in ISO/IEC 29794-5."""

from dataclasses import dataclass

import cv2
import numpy as np

from domain.identification import Quality, Reason
from kiosk.faces.engine import Face, Image

# A generic face in units of its inter-eye distance: x to the image's right, y down, z towards the camera.
# Eyes, nose tip and mouth corners of the five-point alignment template; depths from mean adult anthropometry.
HEAD = np.array([[-0.5, 0, 0], [0.5, 0, 0], [0, 0.57, 0.45], [-0.41, 1.16, 0.12], [0.41, 1.16, 0.12]])
_FIT = np.linalg.pinv(np.hstack([HEAD, np.ones((5, 1))]))
PATCH = 96
VERSION = 4  # of the measures below: kept qualities are worth nothing under another
# Where the five points are put to look for a mouth, in 112x112, and what is looked at: left, top, right, bottom
UPRIGHT = np.array([[38, 40], [74, 40], [56, 60], [41, 82], [71, 82]], np.float32)
MOUTH, EYES = (42, 74, 70, 90), ((28, 34, 48, 46), (64, 34, 84, 46))
MOUTH_OF_EYES = 0.4  # half of the bare faces have more than .6, and none of 778 looks less than .26
SHARP = 0.08  # Laplacian energy over variance of a sharp face; a blur of a twentieth of the inter-eye distance brings it to 0.02


@dataclass(frozen=True, slots=True)
class Limits:
    """What a frame must reach to be decided upon. Pixels between the eyes, scores 0..1, degrees.

    `rival` is for photographs: a second face at least so prominent beside the first (0..1) makes one ambiguous.
    """

    inter_eye_px: float = 60.0
    sharpness: float = 0.25
    yaw_deg: float = 35.0
    pitch_deg: float = 30.0
    exposure: float = 0.15
    rival: float = 0.5


GATE = Limits()
# Public sets are small, and who else is in the picture is not whom it is of
OFF = Limits(inter_eye_px=16.0, sharpness=0.0, yaw_deg=60.0, pitch_deg=60.0, exposure=0.0, rival=1.0)


def head_pose(points: np.ndarray) -> tuple[float, float, float]:
    """Yaw, pitch, roll in degrees of 5x2 points: yaw > 0 looks to the image's right, pitch > 0 down, roll > 0 clockwise.

    Weak perspective: least-squares affine fit of the generic head, nearest rotation of its rows.
    """
    affine = (_FIT @ points)[:3].T  # 2x3
    u, _, vt = np.linalg.svd(affine, full_matrices=False)
    right, down = u @ vt
    roll = np.arctan2(down[0], right[0])
    c, s = np.cos(roll), np.sin(roll)
    forward = c * right[2] + s * down[2], c * down[2] - s * right[2]  # where the nose points, upright
    yaw, pitch = np.degrees(np.arcsin(np.clip(forward, -1, 1)))
    return float(yaw), float(pitch), float(np.degrees(roll))


def assess(image: Image, face: Face) -> Quality:
    """Measure one face; a few tenths of a millisecond."""
    yaw, pitch, roll = head_pose(face.points)
    patch, ring = _patches(image, face)
    level, spread = float(patch.mean()) / 255, float(patch.std()) / 255
    # Variance of the Laplacian relative to the contrast (Pech-Pacheco et al. 2000), so that dim is not blurred
    energy = float(cv2.Laplacian(patch, cv2.CV_32F).var()) / max(float(patch.var()), 25.0)
    sharpness = min(1.0, energy / SHARP)
    # judged by the face's own highlights: dark skin before a bright wall is well exposed (seen on the London set)
    bright = float(np.percentile(patch[::2, ::2], 90)) / 255
    exposure = float(np.clip(min((bright - 0.08) / 0.17, (0.97 - level) / 0.12, spread / 0.05), 0, 1))
    if ring - level > 0.35 and bright < 0.25:  # light behind: the surroundings outshine all of the face
        exposure = min(exposure, 0.1)
    confidence = float(np.clip((face.score - 0.6) / 0.3, 0, 1))  # the detector's
    pose = max(0.0, np.cos(np.radians(min(90.0, 1.5 * np.hypot(yaw, pitch)))))
    size = min(1.0, face.inter_eye / 90)
    unified = min(
        1.0, float((size * (0.3 + 0.7 * sharpness) * (0.2 + 0.8 * exposure) * confidence * (0.05 + pose)) ** 0.5)
    )
    return Quality(face.inter_eye, sharpness, yaw, pitch, roll, exposure, uncovered(image, face.points), unified)


def uncovered(image: Image, points: np.ndarray) -> float:
    """How much of a mouth there is where one should be, 0..1: its finest lines against those of the face's own eyes.

    A mask or a hand is smooth where lips are not; what is coarsely knitted or printed, and sunglasses, are not found
    (docs/decisions/0047-a-covered-mouth-is-told-and-never-refused.md).
    """
    upright = cv2.warpAffine(image, _upright(points), (112, 112), borderMode=cv2.BORDER_REPLICATE)
    face = cv2.cvtColor(upright, cv2.COLOR_BGR2GRAY)
    lines = np.abs(cv2.Laplacian(cv2.GaussianBlur(face, (0, 0), 1), cv2.CV_32F))
    mouth, *eyes = (float(lines[top:bottom, left:right].mean()) for left, top, right, bottom in (MOUTH, *EYES))
    return min(1.0, mouth / max(MOUTH_OF_EYES * sum(eyes) / 2, 1e-3))


def _upright(points: np.ndarray) -> np.ndarray:
    """The 2x3 similarity that brings all five points nearest to UPRIGHT: least squares, for where a mask is they are guessed, and
    one that passes them over would look for the mouth elsewhere."""
    middle, wanted = points.mean(axis=0), UPRIGHT.mean(axis=0)
    seen, there = (points - middle) @ (1, 1j), (UPRIGHT - wanted) @ (1, 1j)
    turn = (seen.conj() @ there) / max(float((seen.conj() @ seen).real), 1e-6)
    matrix = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    return np.hstack([matrix, (wanted - matrix @ middle)[:, None]])


def shortcoming(quality: Quality, limits: Limits) -> Reason | None:
    """Why this frame cannot be decided upon, None if it can; the first thing the person should mend."""
    if quality.inter_eye_px < limits.inter_eye_px:
        return Reason.TOO_FAR
    if quality.exposure < limits.exposure:
        return Reason.TOO_DARK
    if abs(quality.yaw_deg) > limits.yaw_deg or abs(quality.pitch_deg) > limits.pitch_deg:
        return Reason.TURNED_AWAY
    return Reason.BLURRED if quality.sharpness < limits.sharpness else None


def light_behind(image: Image, face: Face) -> float:
    """By how much the surroundings outshine the face, -1..1 of full scale."""
    patch, ring = _patches(image, face)
    return ring - float(patch.mean()) / 255


def _patches(image: Image, face: Face) -> tuple[np.ndarray, float]:
    """The face as a PATCHxPATCH grey picture, and the mean level (0..1) of what surrounds it."""
    height, width = image.shape[:2]
    x, y, w, h = face.box
    left, top = int(np.clip(x, 0, width - 2)), int(np.clip(y, 0, height - 2))
    right, bottom = int(np.clip(x + w, left + 2, width)), int(np.clip(y + h, top + 2, height))
    crop = image[top:bottom, left:right]
    shrink = crop.shape[0] > PATCH
    patch = cv2.resize(crop, (PATCH, PATCH), interpolation=cv2.INTER_AREA if shrink else cv2.INTER_LINEAR)
    around = image[max(0, int(y - h / 2)) : int(y + 1.2 * h) : 8, max(0, int(x - w)) : int(x + 2 * w) : 8]
    inside = crop[::8, ::8]
    total = float(around.sum(dtype=np.int64) - inside.sum(dtype=np.int64))
    count = max(1, around.size - inside.size)
    return cv2.cvtColor(patch, cv2.COLOR_BGR2GRAY), float(np.clip(total / count / 255, 0, 1))

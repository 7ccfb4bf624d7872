"""The engines by name. A model is loaded only where its engine is asked for."""

from collections.abc import Callable
from pathlib import Path

from domain.errors import Mendable
from kiosk.faces.engine import FaceEngine


def load_engine(name: str) -> FaceEngine:
    """The engine called `name`, or `pack:FOLDER` for an operator's model pack.

    Raises Mendable engine_unknown, model_missing, model_digest or model_pack.
    """
    if name.startswith("pack:"):
        from kiosk.faces.pack import PackEngine

        return PackEngine(Path(name.removeprefix("pack:")))
    makers: dict[str, Callable[[], FaceEngine]] = {"sface": _sface, "face_recognition": _dlib}
    if name not in makers:
        raise Mendable("engine_unknown", engine=name)
    return makers[name]()


def _sface() -> FaceEngine:
    from kiosk.faces.sface import SFace

    return SFace()


def _dlib() -> FaceEngine:
    from kiosk.faces.dlib_engine import DlibEngine

    return DlibEngine()

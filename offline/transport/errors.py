"""How a line fails: come back later, this is refused, or whoever answers is somebody else."""


class TryAgain(Exception):
    """The line or the district is down or busy; `after` is when it asks to be called again, seconds."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class NotNow(TryAgain):
    """The district answers, and cannot do it now; `code` as in `Rejected`."""

    def __init__(self, code: str, after: float | None = None) -> None:
        super().__init__(code, after)
        self.code = code


class Rejected(Exception):
    """The district answers, and will not take this as it is. `code` is one of docs/PROTOCOL.md."""

    def __init__(self, code: str, status: int = 0, detail: str = "") -> None:
        super().__init__(f"{code} ({status}) {detail}".strip())
        self.code, self.status = code, status


class Forked(Rejected):
    """The district knows other facts under our numbers: this disk was cloned or restored. `epoch` is ours from now on."""

    def __init__(self, epoch: int) -> None:
        super().__init__("fork", 409)
        self.epoch = epoch


class Untrusted(Exception):
    """Whoever answers is not the district: its certificate does not stand."""

"""Two honest voices: what the user can mend, and what is ours (any other exception)."""


class Mendable(Exception):
    """Something the user or operator can put right.

    `code` names a sentence in the catalogues (`error.<code>`), `details` fill its placeholders. The text of the exception is
    for the log; screens and terminals show the sentence.
    """

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(f"{code} {details}" if details else code)
        self.code = code
        self.details = details

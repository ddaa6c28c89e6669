"""The domain's errors: what a person asked for wrongly, said in Chinese and English.

They know nothing of HTTP; `app/api/errors.py` alone maps a class to a status, `app/cli.py` to an
exit code. A bad *row* is never one of these: it becomes a finding of a report.

    GetuError
    ├── BadInput        the request or the file cannot be used as it is
    │   ├── RefusedFile     a file that is broken, hostile or of an unknown kind; nothing stored
    │   └── NeedsAnswer     two answers stand; a person must choose one
    ├── NotFound        nothing of that name within the viewer's sight
    ├── Conflict        it clashes with what is stored (a second primary, a changed version)
    ├── NotAllowed      this viewer may not do that
    │   └── NotSignedIn     nobody is signed in
    ├── TooMany         too many tries; wait
    └── NotReady        the database or a needed part is not there
"""

from typing import Any


class GetuError(Exception):
    """Base of all errors that a user may see: a stable `code`, a Chinese and an English sentence."""

    def __init__(self, code: str, *, zh: str, en: str, **facts: Any) -> None:
        super().__init__(f"{code}: {en} / {zh}")
        self.code = code
        self.zh = zh
        self.en = en
        self.facts = facts


class BadInput(GetuError):
    """The request or the file cannot be used as it is."""


class RefusedFile(BadInput):
    """A file that is broken, hostile or of an unknown kind; nothing of it was stored."""


class NeedsAnswer(BadInput):
    """Two answers stand; `facts['questions']` lists them with their options."""


class NotFound(GetuError):
    """Nothing of that name within the viewer's sight."""


class Conflict(GetuError):
    """It clashes with what is stored."""


class NotAllowed(GetuError):
    """This viewer may not do that."""


class NotSignedIn(NotAllowed):
    """Nobody is signed in, or the session has ended."""


class TooMany(GetuError):
    """Too many tries in too short a time."""


class NotReady(GetuError):
    """The database or another needed part is not there."""

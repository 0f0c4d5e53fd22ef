"""The error tree. Each message says what is wrong and how to put it right.

::

    SecondUnitError            exit 1
    ├── BriefError             exit 2   a person can fix it: a file, a key, a value
    ├── ClearanceError         exit 3   a person must decide
    ├── BackendError           exit 4   something outside misbehaved
    └── StoreError             exit 5   the record is wrong; never retried
"""

from typing import ClassVar


class SecondUnitError(Exception):
    """Anything this package refuses to do, said in one line.

    Parameters
    ----------
    message
        What is wrong.
    fix
        How to put it right; printed after the message.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message} → {self.fix}" if self.fix else self.message


class BriefError(SecondUnitError):
    """What a person wrote or handed over cannot be used as it is."""

    exit_code = 2


class ClearanceError(SecondUnitError):
    """A named person must decide before this may go on."""

    exit_code = 3

    def __init__(self, message: str, *, fix: str = "", roles: tuple[str, ...] = ()) -> None:
        super().__init__(message, fix=fix)
        self.roles = roles


class BackendError(SecondUnitError):
    """An engine, a codec or a model could not do its part."""

    exit_code = 4


class StoreError(SecondUnitError):
    """What lies on disk contradicts its own record."""

    exit_code = 5

"""What a file that somebody sent held. Both processes know this, so it imports nothing."""

from dataclasses import dataclass
from enum import StrEnum, auto


class Trouble(StrEnum):
    """Why no code was read from a file."""

    NO_CODE = auto()
    ANOTHER_CODE = auto()
    SEVERAL = auto()
    NEEDS_PASSWORD = auto()
    WRONG_PASSWORD = auto()
    HEIC = auto()
    UNKNOWN_FORMAT = auto()
    TOO_LARGE = auto()
    TOO_MUCH_WORK = auto()
    BROKEN = auto()


@dataclass(frozen=True)
class Found:
    """The text of the one certificate's code, or why there is none; of a PDF also where it stood."""

    text: str = ""
    trouble: Trouble | None = None
    page: int = 0
    pages: int = 0

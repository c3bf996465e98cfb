"""How long the body of a request may be, and how much of all of them a web process holds at once."""

from django.conf import settings

MEBIBYTE = 1024 * 1024
# Of all requests that are received, wait for a thread, or are answered.
BYTES_OF_BODIES = 64 * MEBIBYTE
# Of these, what bodies longer than most may be may take: uploads never shut out forms.
BYTES_OF_LONG_BODIES = 32 * MEBIBYTE


def largest_body(path: str) -> int:
    """Bytes of the longest body that is taken at this address."""
    return settings.LARGER_BODIES.get(path, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


class Held:
    """What a process holds of bodies now. Used by the event loop only."""

    def __init__(self) -> None:
        self.all = self.long = 0

    def take(self, length: int) -> bool:
        """Count a body of this length, if there is room for it."""
        is_long = length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if self.all + length > BYTES_OF_BODIES or (is_long and self.long + length > BYTES_OF_LONG_BODIES):
            return False
        self.all += length
        self.long += length if is_long else 0
        return True

    def give_back(self, length: int) -> None:
        """Nobody needs the body any more."""
        self.all -= length
        self.long -= length if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE else 0

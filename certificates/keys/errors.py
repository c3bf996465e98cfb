"""Why something with a key is refused. Only commands say these sentences, so they are English."""

from crs.errors import DomainError


class KeyRefused(DomainError):
    """A key or a certificate cannot be used, or not now."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

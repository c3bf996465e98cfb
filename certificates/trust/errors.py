"""Why a trust list is not taken over. Only commands say these sentences, so they are English."""

from crs.errors import DomainError


class TrustListRefused(DomainError):
    """The whole list cannot be used."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

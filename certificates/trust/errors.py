"""Why a trust list is not taken over. Only commands say these sentences, so they are English."""

from collections.abc import Sequence

from crs.errors import DomainError


class TrustListRefused(DomainError):
    """The whole list cannot be used."""

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        """`problems`: what was wrong with its entries, where they were looked at."""
        super().__init__(message)
        self.message = message
        self.problems = problems

"""What is asked of a register of the state, and what it may answer."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol


class RegisterAway(Exception):
    """The register did not answer, or not so that it can be relied on. The text holds nothing about a person.

    `retry_after` is the wait that the register asks for, in seconds.
    """

    def __init__(self, why: str, *, retry_after: float | None = None) -> None:
        super().__init__(why)
        self.retry_after = retry_after


class UnreadableAnswer(RegisterAway):
    """The register answers, but nothing can be made of what it says about this one number."""


@dataclass(frozen=True)
class Insured:
    """What the insurers' register (CPOJ) knows of a number; without `insured_until` the insurance goes on."""

    first_name: str
    last_name: str
    birth_date: date
    insurer: str
    insured_until: date | None = None
    died_on: date | None = None


@dataclass(frozen=True)
class HealthWorker:
    """What the register of health workers (NRZP) knows of a number; without `until` the registration goes on."""

    worker_number: str
    first_name: str
    last_name: str
    profession: str
    facility: str = ""
    until: date | None = None


class InsurersRegister(Protocol):
    """The insurers' register."""

    def look_up(self, number: str) -> Insured | None:
        """The insured person with this number (digits only); None where there is none. Raises RegisterAway."""

    def close(self) -> None:
        """Close the kept connections."""


class HealthWorkersRegister(Protocol):
    """The register of health workers."""

    def look_up(self, number: str) -> HealthWorker | None:
        """The worker with this insured person's number; None where there is none. Raises RegisterAway."""

    def close(self) -> None:
        """Close the kept connections."""

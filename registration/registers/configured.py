"""The registers of this installation, as the settings name them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from django.conf import settings

from registration.models import Register
from registration.registers.asking import HealthWorkersRegister, InsurersRegister
from registration.registers.http import HttpHealthWorkersRegister, HttpInsurersRegister
from registration.registers.local import LocalHealthWorkersRegister, LocalInsurersRegister


@dataclass(frozen=True)
class Registers:
    """Those that are configured; None: nothing is checked with it."""

    insurers: InsurersRegister | None
    health_workers: HealthWorkersRegister | None


def is_configured(register: Register) -> bool:
    """Whether anything is checked with the register."""
    return bool(settings.INSURERS_REGISTER if register == Register.INSURERS else settings.HEALTH_WORKERS_REGISTER)


@contextmanager
def registers() -> Iterator[Registers]:
    """The registers, with connections that end with the block."""
    with ExitStack() as stack:
        insurers, workers = _insurers(), _health_workers()
        for register in (insurers, workers):
            if register is not None:
                stack.callback(register.close)
        yield Registers(insurers, workers)


def _insurers() -> InsurersRegister | None:
    match settings.INSURERS_REGISTER:
        case "":
            return None
        case "local":
            return LocalInsurersRegister()
        case url:
            return HttpInsurersRegister(url, token=settings.INSURERS_REGISTER_TOKEN, ca_file=settings.REGISTERS_CA_FILE)


def _health_workers() -> HealthWorkersRegister | None:
    match settings.HEALTH_WORKERS_REGISTER:
        case "":
            return None
        case "local":
            return LocalHealthWorkersRegister()
        case url:
            return HttpHealthWorkersRegister(
                url, token=settings.HEALTH_WORKERS_REGISTER_TOKEN, ca_file=settings.REGISTERS_CA_FILE
            )

"""The registers of this installation, as the settings name them."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from django.conf import settings

from registration.models import Register
from registration.registers.asking import HealthWorkersRegister, InsurersRegister
from registration.registers.http import HttpHealthWorkersRegister, HttpInsurersRegister
from registration.registers.local import LocalHealthWorkersRegister, LocalInsurersRegister

LOCAL = "local"

Registers = Mapping[Register, InsurersRegister | HealthWorkersRegister]


def configured() -> list[Register]:
    """The registers that something is checked with."""
    named = {Register.INSURERS: settings.INSURERS_REGISTER, Register.HEALTH_WORKERS: settings.HEALTH_WORKERS_REGISTER}
    return [register for register, name in named.items() if name]


@contextmanager
def registers() -> Iterator[Registers]:
    """Those that are configured, with connections that end with the block."""
    with ExitStack() as stack:
        opened = {register: _opened(register) for register in configured()}
        for register in opened.values():
            stack.callback(register.close)
        yield opened


def _opened(register: Register) -> InsurersRegister | HealthWorkersRegister:
    ca_file = settings.REGISTERS_CA_FILE
    if register == Register.INSURERS:
        if settings.INSURERS_REGISTER == LOCAL:
            return LocalInsurersRegister()
        return HttpInsurersRegister(settings.INSURERS_REGISTER, token=settings.INSURERS_REGISTER_TOKEN, ca_file=ca_file)
    if settings.HEALTH_WORKERS_REGISTER == LOCAL:
        return LocalHealthWorkersRegister()
    return HttpHealthWorkersRegister(
        settings.HEALTH_WORKERS_REGISTER, token=settings.HEALTH_WORKERS_REGISTER_TOKEN, ca_file=ca_file
    )

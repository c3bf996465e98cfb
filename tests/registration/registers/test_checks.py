"""System checks of the registers' settings."""

import pytest
from pytest_django import Settings

from registration.registers.checks import addresses, authorities


@pytest.mark.parametrize("value", ["", "local", "https://register.example.cz/v1/insured", "https://10.0.0.1:8443/x"])
def test_a_register_is_nothing_a_table_or_an_address(value: str, settings: Settings) -> None:
    settings.INSURERS_REGISTER = settings.HEALTH_WORKERS_REGISTER = value
    assert addresses() == []


@pytest.mark.parametrize(
    "value",
    [
        "http://register.example.cz/",
        "register.example.cz",
        "Local",
        "https://",
        "https://user:word@register.example.cz/",
        "https://register.example.cz/?token=x",
        "https://register.example.cz:0/",
        "https://register.example.cz:no/",
    ],
)
def test_what_is_none_of_these_is_told_at_the_start_and_not_repeated(value: str, settings: Settings) -> None:
    settings.INSURERS_REGISTER = value
    [found] = addresses()
    assert found.id == "crs.E171"
    assert value not in found.msg


def test_authorities_that_are_not_there_are_told(settings: Settings) -> None:
    settings.REGISTERS_CA_FILE = "/nowhere.pem"
    assert [found.id for found in authorities()] == ["crs.E172"]
    settings.REGISTERS_CA_FILE = ""
    assert authorities() == []

"""The pages about the portal: data, accessibility, operator; the footer leads to them, and each has a way on."""

import re

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.crs.test_pages import LANGUAGES, assert_is_a_sound_page
from tests.pages import english_in, text_of

NAMES = ("privacy", "accessibility", "operator")
OPERATOR = {
    "OPERATOR_NAME": "Ministerstvo <zdraví>",
    "OPERATOR_ADDRESS": "Dlouhá 1; 120 00 Praha 2",
    "OPERATOR_COMPANY_NUMBER": "00024341",
    "OPERATOR_EMAIL": "urad@example.cz",
    "OPERATOR_DATA_BOX": "abc1234",
    "DATA_PROTECTION_OFFICER": "poverenec@example.cz",
    "HELP_LINE_ABROAD": "+420 200 000 000",
}

pytestmark = pytest.mark.django_db


def read(client: Client, name: str, language: str = "en") -> str:
    """The words of the page."""
    client.cookies["crs_language"] = language
    return text_of(client.get(reverse(name)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_each_is_sound_is_reached_from_the_footer_and_is_wholly_translated(
    client: Client, settings: Settings, name: str, language: str
) -> None:
    for key, value in OPERATOR.items():
        setattr(settings, key, value)
    client.cookies["crs_language"] = language
    html = client.get(reverse(name)).content.decode()
    assert_is_a_sound_page(html, language)
    assert "Ministerstvo &lt;zdraví&gt;" in html
    assert '<meta name="robots" content="index" />' in html
    front = client.get("/").content.decode()
    footer = front[front.index("<footer") :]
    assert f'href="{reverse(name)}"' in footer
    if language != "en":
        assert not english_in(client.get(reverse(name)))
    else:
        assert english_in(client.get(reverse(name)))


def test_the_privacy_page_says_why_how_long_whom_to_ask_and_how_to_withdraw(client: Client, settings: Settings) -> None:
    for key, value in OPERATOR.items():
        setattr(settings, key, value)
    said = read(client, "privacy")
    for fact in (
        "article 6(1)(a)", "90 days", "How to take the consent back", "My registration", "call line 1221",
        "poverenec@example.cz", "Office for Personal Data Protection", "Dlouhá 1, 120 00 Praha 2",
    ):  # fmt: skip
        assert fact in said, fact
    assert f'href="{reverse("registration:mine")}"' in client.get(reverse("privacy")).content.decode()


def test_the_statement_has_the_parts_of_the_model(client: Client, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://registrace.example.cz"
    settings.OPERATOR_EMAIL = "urad@example.cz"
    said = read(client, "accessibility")
    for part in (
        "2016/2102", "all pages at registrace.example.cz", "partially compliant", "Non-accessible content",
        "27. 11. 2026", "urad@example.cz", "Enforcement procedure", "www.dia.gov.cz",
    ):  # fmt: skip
        assert part in said, part


def test_what_nobody_filled_in_is_left_out_and_ops_are_warned(client: Client, settings: Settings) -> None:
    for key in OPERATOR:
        setattr(settings, key, "")
    said = read(client, "operator")
    assert "has not been filled in yet" in said
    for word in ("Data box", "Data protection officer", "From abroad"):
        assert word not in said
    warned = [one.msg for one in run_checks(include_deployment_checks=True) if one.id == "crs.W163"]
    assert len(warned) == 5
    for key, value in OPERATOR.items():
        setattr(settings, key, value)
    assert not [one for one in run_checks(include_deployment_checks=True) if one.id == "crs.W163"]


def test_the_long_number_stands_beside_1221_on_every_page_and_can_be_dialled(
    client: Client, settings: Settings
) -> None:
    settings.HELP_LINE_ABROAD = "+420 200 000 000"
    for path in ("/", "/registrace/", "/neni-tu/"):
        html = client.get(path).content.decode()
        assert '<a href="tel:+420200000000">+420\u00a0200\u00a0000\u00a0000</a>' in html, path
        assert 'href="tel:1221"' in html


def test_a_printed_page_says_whose_it_is_and_where_it_came_from(client: Client, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://registrace.example.cz"
    html = client.get("/ockovaci-mista/?hledat=tajne").content.decode()
    printed = re.search(r'class="crs-address[^>]*>([^<]*)', html)
    assert printed
    assert printed[1].endswith("registrace.example.cz/ockovaci-mista/")

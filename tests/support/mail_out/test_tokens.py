"""Addresses that say to which ticket and letter something belongs."""

import pytest
from pytest_django.fixtures import Settings

from support.mail_out import tokens
from support.models import Letter, Ticket
from tests.support.mail_out.conftest import LINE_DESK, SITES_DESK

TICKET = Ticket(pk=1234, desk="SITES")
LETTER = Letter(pk=98765, desk="SITES", ticket=TICKET)


def test_the_address_of_a_ticket_leads_back_to_it() -> None:
    address = tokens.reply_address(TICKET)
    assert address.startswith("podpora+t1234-")
    assert address.endswith("@ockovani.example")
    assert tokens.ticket_id_of(address) == 1234
    assert tokens.letter_id_of(address) is None


def test_the_address_for_bounces_leads_to_the_letter_and_its_ticket() -> None:
    address = tokens.bounce_address(LETTER)
    assert (tokens.ticket_id_of(address), tokens.letter_id_of(address)) == (1234, 98765)


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title, lambda text: f" <{text}> "])
def test_servers_that_change_capitals_and_people_who_copy_do_no_harm(change: object) -> None:
    assert callable(change)
    assert tokens.ticket_id_of(change(tokens.reply_address(TICKET))) == 1234


def test_another_domain_on_the_way_does_no_harm() -> None:
    local = tokens.reply_address(TICKET).rpartition("@")[0]
    assert tokens.ticket_id_of(f"{local}@mx.internal") == 1234


def test_the_desk_may_have_a_tag_of_its_own(settings: Settings) -> None:
    settings.SUPPORT_ADDRESSES = {"SITES": "urad+podpora@ockovani.example", "LINE": LINE_DESK}
    address = tokens.reply_address(TICKET)
    assert address.startswith("urad+podpora+t1234-")
    assert tokens.ticket_id_of(address) == 1234


def test_what_we_did_not_sign_names_nothing() -> None:
    address = tokens.reply_address(TICKET)
    forged = [
        "",
        "@",
        SITES_DESK,
        "podpora+t1234@ockovani.example",
        "podpora+t1234-@ockovani.example",
        address.replace("t1234", "t1235"),
        address.replace("t1234", "t01234"),
        address.replace("t1234", "t١٢٣٤"),
        address.replace("t1234-", "b1234-5-"),
        tokens.bounce_address(LETTER).replace("-98765-", "-98766-"),
        address.replace("@", "0@"),
        "podpora+" + "t" * 100_000 + "@ockovani.example",
    ]
    assert [tokens.ticket_id_of(one) for one in forged] == [None] * len(forged)
    assert [tokens.letter_id_of(one) for one in forged] == [None] * len(forged)


def test_another_key_signs_otherwise(settings: Settings) -> None:
    address = tokens.reply_address(TICKET)
    settings.LOOKUP_KEY = "another"
    assert tokens.ticket_id_of(address) is None


def test_no_mail_server_finds_it_too_long(settings: Settings) -> None:
    settings.SUPPORT_ADDRESSES = {"SITES": f"{'p' * tokens.LONGEST_NAME}@ockovani.example", "LINE": LINE_DESK}
    ticket = Ticket(pk=9_999_999_999, desk="SITES")
    addresses = (
        tokens.reply_address(ticket),
        tokens.bounce_address(Letter(pk=9_999_999_999, desk="SITES", ticket=ticket)),
    )
    assert all(len(address.partition("@")[0]) <= 64 for address in addresses)


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        (SITES_DESK, True),
        (LINE_DESK.upper(), True),
        ("podpora+cokoli@ockovani.example", True),
        ("noreply@ockovani.example", True),
        ("jana@ockovani.example", False),
        ("podpora@jinde.example", False),
        ("", False),
    ],
)
def test_our_own_addresses_are_known(address: str, is_ours: bool, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Očkování <noreply@ockovani.example>"
    assert tokens.is_ours(address) == is_ours

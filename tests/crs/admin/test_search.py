"""A search of the staff's screens stands in no address, no page and, readable, in no session."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client

from crs.admin.search import LONGEST, MOST_SEARCHES, SEARCHES, PrivateSearchAdmin
from crs.messaging.models import Message
from tests.pages import log_in

LIST = "/admin/messaging/message/"  # the lowest screen that searches so
ADDRESS = "jana.novakova@example.cz"
# Searched by GET: places, stock, and the accounts of staff. Nothing of a citizen.
SEARCHED_BY_ADDRESS = {
    "Region",
    "District",
    "VaccinationSite",
    "Slot",
    "User",
    "Group",
    "Batch",
    "Store",
    "StockDocument",
    "StockBalance",
}


def _write(recipient: str, channel: Message.Channel = Message.Channel.EMAIL, *, times: int = 1) -> None:
    Message.objects.bulk_create(
        Message(recipient=recipient, channel=channel, lane=Message.Lane.BULK, template="probe/letter", language="cs")
        for _ in range(times)
    )


@pytest.fixture(autouse=True)
def _messages(db: None) -> None:
    _write(ADDRESS)
    _write("petr@example.cz")


def _search(client: Client, text: str, address: str = LIST) -> str:
    """Send the form; return where the answer leads."""
    answer = client.post(address, {"private_search": "1", "q": text})
    assert answer.status_code == 302
    return answer.headers["Location"]


def _place(address: str) -> str:
    return parse_qs(urlsplit(address).query)["q"][0]


def _count(client: Client, address: str) -> int:
    count: int = client.get(address).context["cl"].result_count
    return count


def test_what_is_searched_for_is_neither_in_the_address_nor_in_the_page(admin_client: Client) -> None:
    address = _search(admin_client, ADDRESS)
    page = admin_client.get(address)
    assert page.context["cl"].result_count == 1
    for word in ("jana", "novakova"):
        assert word not in address
        assert word not in page.content.decode()


def test_links_of_filters_order_and_rows_keep_the_search_by_its_place(admin_client: Client) -> None:
    _write("+420601000001", Message.Channel.SMS)
    address = _search(admin_client, ADDRESS)
    place, page = _place(address), admin_client.get(address).content.decode()
    for link in (f"?channel__exact=SMS&amp;q={place}", f"?o=1&amp;q={place}", f"_changelist_filters=q%3D{place}"):
        assert link in page
    assert _count(admin_client, f"{LIST}?channel__exact=SMS&q={place}") == 0
    assert _count(admin_client, f"{LIST}?channel__exact=EMAIL&q={place}") == 1


def test_a_search_keeps_filters_and_order_and_begins_at_the_first_page(admin_client: Client) -> None:
    _write("+420601000001", Message.Channel.SMS)
    filtered = f"{LIST}?channel__exact=EMAIL&o=-1"
    address = _search(admin_client, ADDRESS, f"{filtered}&p=7&q=old")
    assert parse_qs(urlsplit(address).query) == {"channel__exact": ["EMAIL"], "o": ["-1"], "q": [_place(address)]}
    assert _search(admin_client, " ", f"{filtered}&q=old") == filtered


def test_a_long_result_is_paged_and_every_page_keeps_the_place(admin_client: Client) -> None:
    _write(ADDRESS, times=60)
    address = _search(admin_client, ADDRESS)
    assert f"?p=2&amp;q={_place(address)}" in admin_client.get(address).content.decode()
    assert len(admin_client.get(f"{address}&p=2").context["cl"].result_list) == 61 - 50


def test_an_empty_search_leads_to_the_whole_list(admin_client: Client) -> None:
    for nothing in ("", "  ", "\0"):
        assert _search(admin_client, nothing) == LIST
    assert _count(admin_client, LIST) == 2


def test_what_is_too_long_is_not_searched_for_in_part(admin_client: Client) -> None:
    assert _search(admin_client, f"{ADDRESS} {'x' * LONGEST}") == LIST
    page = admin_client.get(LIST)
    assert [str(one) for one in page.context["messages"]] == ["To je delší než vše, co se tu hledá."]


def test_an_action_is_no_search(admin_client: Client) -> None:
    address = _search(admin_client, ADDRESS)
    answer = admin_client.post(address, {"action": "send_again", "_selected_action": ["0"]})
    assert answer.headers["Location"] == address


def test_a_place_of_another_session_or_a_term_in_the_address_finds_nothing(admin_client: Client) -> None:
    address = _search(admin_client, ADDRESS)
    other = Client()
    log_in(other, User.objects.create_superuser("colleague"))
    assert _count(other, address) == 0
    assert _count(admin_client, f"{LIST}?q={ADDRESS}") == 0


def test_the_session_holds_it_sealed_and_forgets_the_oldest(admin_client: Client) -> None:
    addresses = [_search(admin_client, ADDRESS) for _ in range(MOST_SEARCHES + 1)]
    kept = admin_client.session[SEARCHES]
    assert list(kept) == [_place(address) for address in addresses[1:]]
    assert ADDRESS not in str(kept)
    assert _count(admin_client, addresses[0]) == 0
    assert _count(admin_client, addresses[1]) == 1


def test_only_places_and_staff_are_searched_by_address() -> None:
    by_address = {
        model.__name__
        for model, screen in admin.site._registry.items()
        if screen.search_fields and not isinstance(screen, PrivateSearchAdmin)
    }
    assert by_address <= SEARCHED_BY_ADDRESS

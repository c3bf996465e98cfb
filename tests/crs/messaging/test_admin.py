"""The staff's list of messages."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from crs.messaging.models import Message
from tests.crs.messaging.post import again, write_email, write_pin, write_sms
from tests.staff import log_in

pytestmark = pytest.mark.django_db

LIST = "/admin/messaging/message/"


def _page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_a_secret_text_and_a_whole_number_are_never_shown(admin_client: Client) -> None:
    message = write_pin("+420601234987", pin="918273")
    for address in (LIST, f"{LIST}{message.pk}/change/"):
        page = _page(admin_client, address)
        assert "918273" not in page
        assert "601234987" not in page
        assert "…987" in page


def test_other_texts_are_shown(admin_client: Client) -> None:
    message = write_email()
    assert "máte rezervaci" in _page(admin_client, f"{LIST}{message.pk}/change/")


def _found(client: Client, typed: str) -> str:
    """The page that a search leads to."""
    answer = client.post(LIST, {"private_search": "1", "q": typed})
    assert typed.strip() not in answer.headers["Location"]
    return _page(client, answer.headers["Location"])


@pytest.mark.parametrize("typed", ["601 234 987", "601234987", "+420601234987", "00420 601 234 987"])
def test_a_number_is_found_however_it_is_typed(admin_client: Client, typed: str) -> None:
    write_sms("+420601234987")
    write_sms("+420601234111")
    page = _found(admin_client, typed)
    assert "…987" in page
    assert "…111" not in page
    assert "601234987" not in "".join(page.split())


def test_an_address_is_found_whole_only(admin_client: Client) -> None:
    write_email("jana@example.cz")
    assert "j…@example.cz" in _found(admin_client, " jana@example.cz ")
    assert "j…@example.cz" not in _found(admin_client, "jana@example")


def test_what_failed_stands_out_and_is_sent_again(admin_client: Client) -> None:
    failed, waiting = write_sms(), write_sms()
    Message.objects.filter(pk=failed.pk).update(state=Message.State.FAILED, error="Twilio 30003")
    assert "errornote" in _page(admin_client, f"{LIST}?state__exact=FAILED")
    admin_client.post(LIST, {"action": "send_again", "_selected_action": [failed.pk, waiting.pk]})
    assert again(failed).state == Message.State.QUEUED


def _staff(*permissions: str) -> Client:
    user = User.objects.create_user(username="staff", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    log_in(client, user)
    return client


def test_who_may_only_look_cannot_send_again() -> None:
    client, failed = _staff("view_message"), write_sms()
    Message.objects.filter(pk=failed.pk).update(state=Message.State.FAILED)
    client.post(LIST, {"action": "send_again", "_selected_action": [failed.pk]})
    assert again(failed).state == Message.State.FAILED


def test_nobody_edits_deletes_or_adds(admin_client: Client) -> None:
    message = write_sms()
    assert admin_client.get(f"{LIST}add/").status_code == 403
    assert admin_client.post(f"{LIST}{message.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin_client.post(f"{LIST}{message.pk}/change/", {"error": "x"}).status_code == 403
    assert _staff().get(LIST).status_code == 403

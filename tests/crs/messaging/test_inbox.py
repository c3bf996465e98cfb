"""The local inbox."""

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from crs.messaging import delivery, inbox
from crs.messaging.models import Attachment
from tests.cast import JANA
from tests.crs.messaging.conftest import FarTwilio
from tests.crs.messaging.post import SMS, write_email, write_pin, write_sms

pytestmark = pytest.mark.django_db


def _page(client: Client, query: str = "") -> str:
    response = client.get(f"/inbox/{query}")
    assert response.status_code == 200
    return response.content.decode()


def test_a_newcomer_reads_the_pin(client: Client) -> None:
    write_pin(pin="204060")
    delivery.drain(SMS)
    assert '<p class="inbox-pin">204060</p>' in _page(client)


def test_a_number_in_a_text_that_is_no_secret_is_not_made_large(client: Client) -> None:
    write_sms(context={"name": "123456"})
    assert "inbox-pin" not in _page(client)


def test_a_pin2_is_found_in_its_two_fours_and_a_telephone_is_not() -> None:
    message = write_pin(pin=f"1234 5678, tel. {JANA.phone}")
    assert inbox.opened(message).pins == ["1234 5678"]


def test_newest_first_and_fifty_to_a_page(client: Client) -> None:
    for number in range(60):
        write_sms(context={"name": f"osoba-{number:02d}"})
    first, second = _page(client), _page(client, "?page=2")
    assert first.index("osoba-59") < first.index("osoba-10")
    assert "osoba-09" not in first
    assert "osoba-09" in second


@pytest.mark.parametrize("to", ["+420603456789", "%2B420603456789", "603 456 789", "JANA@seznam.cz"])
def test_one_recipients_messages(client: Client, to: str) -> None:
    write_sms(JANA.phone, context={"name": "pro-Janu"})
    write_email(JANA.email, context={"name": "pro-Janu"})
    write_sms("+420777000000", context={"name": "pro-Petra"})
    page = _page(client, f"?to={to}")
    assert "pro-Janu" in page
    assert "pro-Petra" not in page


def test_a_recipient_that_cannot_be_is_not_found(client: Client) -> None:
    write_sms(context={"name": "Jana"})
    assert "inbox-letter" not in _page(client, "?to=%00x")


def test_what_people_typed_is_not_html(client: Client) -> None:
    write_email(context={"name": "<script>alert(1)</script>"})
    page = _page(client)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_file_is_saved_not_shown(client: Client) -> None:
    message = write_email()
    Attachment.objects.create(message=message, name="potvrzení.pdf", content_type="application/pdf", content=b"%PDF")
    assert f"/inbox/{message.pk}/potvrzen%C3%AD.pdf" in _page(client)
    response = client.get(f"/inbox/{message.pk}/potvrzení.pdf")
    assert response.content == b"%PDF"
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/inbox/{message.pk}/other.pdf").status_code == 404


def test_it_does_not_exist_where_messages_really_are_sent(
    client: Client, admin_client: Client, settings: Settings, twilio: FarTwilio
) -> None:
    message = write_email()
    Attachment.objects.create(message=message, name="a.pdf", content_type="application/pdf", content=b"%PDF")
    for visitor in (client, admin_client):
        assert visitor.get("/inbox/").status_code == 404
        assert visitor.get(f"/inbox/{message.pk}/a.pdf").status_code == 404


def test_nobody_keeps_a_copy_of_the_page(client: Client) -> None:
    assert "no-store" in client.get("/inbox/")["Cache-Control"]


def test_the_page_asks_few_questions(client: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(30):
        write_email()
    with django_assert_max_num_queries(4):
        _page(client)


def test_a_strange_page_number_is_forgiven(client: Client) -> None:
    assert client.get("/inbox/?page=x&to=").status_code == 200
    assert client.get("/inbox/?page=99").status_code == 200


def test_a_letter_that_wants_answers_says_where_they_go(client: Client) -> None:
    write_email(headers={"From": '"Podpora" <podpora@localhost>', "Reply-To": "podpora+t1-abc@localhost"})
    write_email()
    page = _page(client)
    assert page.count("podpora+t1-abc@localhost") == 1
    assert page.count("&quot;Podpora&quot; &lt;podpora@localhost&gt;") == 1

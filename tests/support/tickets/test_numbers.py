"""Finding tickets by an insured number in what was written into them."""

import pytest
from django.contrib.auth.models import User

from crs.sent_forms import NO_FORM
from support.following import writing
from support.mail_out import sending
from support.models import Ticket, TicketNumber
from support.tickets import notes, numbers
from tests.factories import NOW, make_site, make_ticket
from tests.support.mail_in.letters import come, letter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NUMBER, WRITTEN = "7554041506", "755404/1506"


def found(digits: str = NUMBER) -> list[Ticket]:
    return [*numbers.with_number(Ticket.objects.order_by("pk"), digits)]


def test_a_ticket_is_found_by_the_numbers_of_its_letters_answers_and_notes(dispatcher: User) -> None:
    came = come(letter(f"Moje číslo je {WRITTEN} a telefon 601 234 567, č. 8."))
    quoting = come(letter(f"Děkuji.\n\n> Píšete o {WRITTEN}", subject="Re: dotaz"))
    noted, answered = make_ticket(), make_ticket()
    notes.add_note(ticket=noted, text=f"Volala paní {WRITTEN}", by=dispatcher, now=NOW)
    sending.answer(ticket=answered, text=f"Opravili jsme {WRITTEN}.", by=dispatcher, now=NOW, form=NO_FORM, waits=True)
    dispatcher.email = "dispecer@crs.example"
    page = writing.open_on_page(
        site=make_site(),
        subject="Certifikát",
        text=f"Očkovaná {WRITTEN}",
        category=None,
        language="cs",
        by=dispatcher,
        now=NOW,
        form=NO_FORM,
    )
    expected = [*Ticket.objects.order_by("pk")]
    make_ticket()
    assert found() == expected
    assert {came.ticket, quoting.ticket, noted, answered, page} == {*expected}
    # Digits of two numbers make no third one.
    assert found("0615066012") == found("1506601234") == []


def test_no_number_stands_in_the_rows_and_each_is_kept_once_a_ticket() -> None:
    ticket = make_ticket()
    for _ in range(2):
        numbers.add_numbers(ticket.pk, [NUMBER])
    row = TicketNumber.objects.get()
    assert NUMBER not in row.number_hash


def test_a_list_of_patients_is_kept_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbers, "NUMBERS_OF_A_TEXT", 2)
    numbers.add_numbers(make_ticket().pk, ["1", "2", "3"])
    assert TicketNumber.objects.count() == 2

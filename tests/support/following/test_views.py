"""The pages of a site's tickets: opened once, followed by all of the site, closed by their own, nobody else's."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from crs.messaging.models import Message
from logistics.models import Role, StaffRole
from support.models import Letter, Look, Note, Ticket
from support.tickets import claims, states
from tests.cast import JANA
from tests.factories import NOW, make_agent, make_page_letter, make_site, make_ticket
from tests.pages import Page, form_key, summary, text_of
from tests.support.following.conftest import Place

MESSAGE = "/podpora/mista/zprava/"


def _send(client: Client, place: Place, **typed: object) -> Page:
    fields = {"site": str(place.site.pk), "subject": "Nejde tisk", "text": "Tiskárna nic nedělá.", "category": ""}
    return client.post(MESSAGE, {"form_key": str(uuid4()), **fields, **typed}, follow=True)


def test_a_worker_opens_a_ticket_and_a_double_click_opens_no_second_one(place: Place) -> None:
    client = place.browser_of(place.worker)
    page = client.get(place.at("novy/"))
    key = form_key(page)
    for _ in range(2):
        picture = SimpleUploadedFile("obrázek\u202egnp.exe", b"PNG", "image/png")
        shown = _send(client, place, form_key=key, files=picture)
    ticket = Ticket.objects.get()
    assert (ticket.way, ticket.site, ticket.requester, ticket.level) == ("SITE_PAGE", place.site, place.worker, 1)
    assert ticket.requester_address == place.worker.email
    letter = ticket.letters.get(direction="IN")
    assert (letter.kind, letter.state, letter.text) == ("PAGE", "FILED", "Tiskárna nic nedělá.")
    assert letter.attachments.get().name == "obrázekgnp.exe"
    receipt = Message.objects.get()
    assert (receipt.recipient, ticket.number in (receipt.text or "")) == (place.worker.email, True)
    for words in (ticket.number, "Tiskárna nic nedělá.", "obrázekgnp.exe", "waits for the help desk"):
        assert words in text_of(shown)
    assert "Nejde tisk" in text_of(client.get(place.at()))


def test_everybody_of_the_site_follows_it_and_nobody_of_another(place: Place) -> None:
    ticket = make_ticket(site=place.site, way="SITE_PAGE", requester=place.worker)
    letter = make_page_letter(ticket, by=place.worker, file=b"bytes of a picture")
    file = letter.attachments.get()
    colleague, stranger = place.browser_of(place.colleague), place.browser_of(place.stranger)
    assert "Tiskárna nic nedělá." in text_of(colleague.get(place.at(f"{ticket.pk}/")))
    saved = colleague.get(place.at(f"soubory/{file.pk}/"))
    assert saved.content == b"bytes of a picture"
    assert saved.headers["Content-Disposition"].startswith("attachment;")
    assert {*Look.objects.values_list("what", "user")} == {
        ("TICKET", place.colleague.pk),
        ("ATTACHMENT", place.colleague.pk),
    }
    elsewhere = f"/podpora/mista/{make_site('Třetí', 'CZ0642').pk}/{ticket.pk}/"
    paths = ("", f"{ticket.pk}/", "novy/", f"soubory/{file.pk}/")
    for address in (elsewhere, *map(place.at, paths)):
        assert stranger.get(address).status_code == 404, address
        assert browser_is_asked_to_log_in(Client().get(address))
    own = f"/podpora/mista/{place.stranger.staff_roles.get().site_id}/"
    assert stranger.get(own).status_code == 200
    for path in (f"{ticket.pk}/", f"soubory/{file.pk}/"):
        assert stranger.get(own + path).status_code == 404
    assert stranger.post(place.at(f"{ticket.pk}/uzavreni/")).status_code == 404


def browser_is_asked_to_log_in(page: Page) -> bool:
    return page.status_code == 302 and page.headers["Location"].startswith("/personal/prihlaseni/")


@pytest.mark.parametrize("typed", [{}, {"ticket": "x"}, {"ticket": "9" * 30}, {"site": "x"}, {"site": ""}])
def test_a_form_for_what_is_not_theirs_is_not_found(place: Place, typed: dict[str, str]) -> None:
    client = place.browser_of(place.worker if typed else place.stranger)
    assert _send(client, place, **typed).status_code == 404
    assert not Ticket.objects.exists()


def test_a_form_into_a_ticket_of_another_site_is_not_found(place: Place) -> None:
    other = make_ticket(site=make_site("Třetí", "CZ0642"), way="SITE_PAGE")
    assert _send(place.browser_of(place.worker), place, ticket=other.pk).status_code == 404
    assert not other.letters.exists()


def test_files_are_read_for_staff_only_and_a_token_is_needed(place: Place) -> None:
    picture = SimpleUploadedFile("a.png", b"PNG", "image/png")
    assert Client().post(MESSAGE, {"files": picture}).status_code in (302, 413)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = place.browser_of(place.worker).cookies
    assert _send(strict, place).status_code == 403
    assert place.browser_of(place.worker).get(MESSAGE).headers["Location"] == "/personal/"


def test_they_read_what_was_written_by_and_for_the_site_and_nothing_of_the_desk(place: Place) -> None:
    ticket = make_ticket(site=place.site, requester_address=place.colleague.email)
    values = {"ticket": ticket, "desk": ticket.desk, "state": "FILED", "received_at": NOW}
    number = JANA.insured_number
    for kind, direction, address, text in (
        ("HUMAN", "IN", place.colleague.email.upper(), f"Jde o {number}."),
        ("ANSWER", "OUT", place.colleague.email, "Zkuste to znovu."),
        ("HUMAN", "IN", "nekdo@jinde.example", "Cizí slova"),
        ("AUTO_REPLY", "IN", place.colleague.email, "Jsem na dovolené"),
    ):
        side = "from_address" if direction == "IN" else "to_address"
        Letter.objects.create(kind=kind, direction=direction, text=text, **{side: address}, **values)
    Note.objects.create(ticket=ticket, text="Jen pro nás", at=NOW)
    shown = text_of(place.browser_of(place.worker).get(place.at(f"{ticket.pk}/")))
    for words in ("Jde o ••••••/••••.", "Zkuste to znovu.", "not of this site"):
        assert words in shown
    for words in (number, "Cizí slova", "dovolené", "Jen pro nás", "nekdo@jinde"):
        assert words not in shown


def test_a_ticket_that_the_desk_puts_to_another_site_stays_its_author_s_and_is_not_shown_there(place: Place) -> None:
    other = place.stranger.staff_roles.get().site
    assert other is not None
    ticket = make_ticket(
        "Stížnost", site=other, way="SITE_PAGE", requester=place.worker, requester_address=place.worker.email
    )
    make_page_letter(ticket, by=place.worker, text="Kolegové odjinud poslali špatnou krabici.")
    there, own = f"/podpora/mista/{other.pk}/", place.at(f"{ticket.pk}/")
    stranger = place.browser_of(place.stranger)
    assert stranger.get(f"{there}{ticket.pk}/").status_code == 404
    assert "Stížnost" not in text_of(stranger.get(there))
    assert place.browser_of(place.colleague).get(own).status_code == 404
    worker = place.browser_of(place.worker)
    assert "špatnou krabici" in text_of(worker.get(own))
    assert "Stížnost" in text_of(worker.get(place.at()))
    Ticket.objects.filter(pk=ticket.pk).update(desk="LINE", level=2, site=None)
    assert "Stížnost" in text_of(worker.get(place.at()))


def test_what_staff_of_another_site_wrote_into_a_ticket_of_this_site_is_not_shown(place: Place) -> None:
    ticket = make_ticket(site=place.site, way="SITE_PAGE", requester=place.worker)
    letter = make_page_letter(ticket, by=place.stranger, text="Cizí slova")
    client = place.browser_of(place.worker)
    shown = text_of(client.get(place.at(f"{ticket.pk}/")))
    assert "not of this site" in shown
    assert "Cizí slova" not in shown
    assert client.get(place.at(f"soubory/{letter.attachments.get().pk}/")).status_code == 404


def test_one_s_own_ticket_of_two_sites_is_followed_at_its_own_site_alone(place: Place) -> None:
    second = make_site("Druhé", "CZ0642")
    StaffRole.objects.create(user=place.worker, role=Role.VACCINATOR, site=second)
    make_ticket("Z druhého", site=second, way="SITE_PAGE", requester=place.worker)
    client = place.browser_of(place.worker)
    assert "Z druhého" in text_of(client.get(f"/podpora/mista/{second.pk}/"))
    assert "Z druhého" not in text_of(client.get(place.at()))


def test_a_citizen_s_letter_that_the_desk_put_to_the_site_is_not_theirs(place: Place) -> None:
    ticket = make_ticket(site=place.site, requester_address="babicka@seznam.example")
    line = make_ticket(site=place.site, desk="LINE", requester_address=place.worker.email)
    client = place.browser_of(place.worker)
    for one in (ticket, line):
        assert client.get(place.at(f"{one.pk}/")).status_code == 404
    assert "No ticket of the site is open." in text_of(client.get(place.at()))


def test_a_file_with_an_insured_number_is_not_given_out(place: Place) -> None:
    letter = make_page_letter(make_ticket(site=place.site, way="SITE_PAGE", requester=place.worker), by=place.worker)
    letter.attachments.update(has_numbers=True)
    client = place.browser_of(place.worker)
    assert client.get(place.at(f"soubory/{letter.attachments.get().pk}/")).status_code == 404
    assert "is not given out here" in text_of(client.get(place.at(f"{letter.ticket_id}/")))


def test_whoever_opened_it_closes_it_and_anybody_of_the_site_opens_it_again_by_writing(place: Place) -> None:
    ticket = make_ticket(site=place.site, way="SITE_PAGE", requester=place.worker)
    claims.claim(ticket=ticket, by=make_agent(Role.SUPPORT_L2), now=timezone.now())
    colleague = place.browser_of(place.colleague)
    assert "Close the ticket" not in text_of(colleague.get(place.at(f"{ticket.pk}/")))
    refused = colleague.post(place.at(f"{ticket.pk}/uzavreni/"), follow=True)
    assert "Only the person who opened the ticket" in text_of(refused)
    worker = place.browser_of(place.worker)
    assert "The ticket is closed." in text_of(worker.post(place.at(f"{ticket.pk}/uzavreni/"), follow=True))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.claimed_by) == ("CLOSED", None)
    assert "The ticket is closed." in text_of(worker.post(place.at(f"{ticket.pk}/uzavreni/"), follow=True))
    assert worker.get(place.at(f"{ticket.pk}/uzavreni/")).status_code == 302
    added = _send(colleague, place, ticket=ticket.pk, text="Už zase nejde.")
    assert "Už zase nejde." in text_of(added)
    ticket.refresh_from_db()
    assert ticket.state == "REOPENED"


def test_an_addition_to_a_merged_ticket_goes_where_it_is_solved(place: Place) -> None:
    part = make_ticket(site=place.site, way="SITE_PAGE", requester=place.worker)
    main = make_ticket("Jiný", requester_address="jinde@example.cz")
    Ticket.objects.filter(pk=part.pk).update(state="MERGED", merged_into=main)
    client = place.browser_of(place.worker)
    shown = _send(client, place, ticket=part.pk, text="Ještě něco.")
    assert "a ticket of somebody else" in text_of(shown)
    assert main.letters.get().text == "Ještě něco."


def test_one_that_was_closed_long_ago_says_what_to_do_and_keeps_what_was_typed(place: Place) -> None:
    ticket = make_ticket(site=place.site, way="SITE_PAGE", requester=place.worker)
    Ticket.objects.filter(pk=ticket.pk).update(state="CLOSED", closed_at=NOW - 2 * states.REOPENED_WITHIN)
    page = _send(place.browser_of(place.worker), place, ticket=ticket.pk, text="Pořád nejde.")
    assert "Open a new one and mention its number." in summary(page)
    assert "Pořád nejde." in page.content.decode()


def test_errors_keep_what_was_typed_and_ask_for_the_files_again(place: Place) -> None:
    client = place.browser_of(place.worker)
    page = _send(client, place, text="\u200b", files=SimpleUploadedFile("a.txt", b"x"))
    assert "Write at least a few words" in summary(page)
    assert "choose them again" in summary(page)
    assert 'value="Nejde tisk"' in page.content.decode()
    empty = _send(client, place, files=SimpleUploadedFile("a.txt", b""))
    assert empty.status_code == 200
    assert not Ticket.objects.exists()


def test_an_account_without_an_e_mail_is_told_why_it_cannot_write(place: Place) -> None:
    place.worker.email = ""
    place.worker.save()
    assert "has no e-mail" in summary(_send(place.browser_of(place.worker), place))

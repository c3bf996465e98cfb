"""Files of letters: saved as they came, shown only as pictures of ours, and to nobody else."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from logistics.models import Role
from support.models import Look
from support.privacy.downloads import safe_name
from tests.factories import make_site, make_staff, make_ticket
from tests.pages import browser, log_in, text_of
from tests.support.desk.conftest import Agent, file_of, letter_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
FILES, LETTERS = "/podpora/soubory/", "/podpora/zpravy/"


def picture() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(content, "PNG")
    return content.getvalue()


def test_a_file_is_saved_and_never_shown_whatever_it_claims_to_be(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    content = b"<script>alert(1)</script>"
    file = file_of(letter_at(make_ticket()), "žádost \u202efdp.html", content, content_type="text/html")
    for answer in (jana.client.get(f"{FILES}{file.pk}/"), jana.client.head(f"{FILES}{file.pk}/")):
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"] == (
            "attachment; filename=\"zadost fdp.html\"; filename*=UTF-8''%C5%BE%C3%A1dost%20fdp.html"
        )
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert "no-store" in answer["Cache-Control"]
    assert jana.client.get(f"{FILES}{file.pk}/").content == content
    look = Look.objects.filter(what=Look.What.ATTACHMENT)[0]
    assert (look.user, look.attachment, look.saw_numbers) == (jana.user, file, False)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("CON.txt", "_CON.txt"),
        (".bashrc", "bashrc"),
        ('a"b\r\nSet-Cookie: x.pdf', "a_bSet-Cookie_ x.pdf"),
        ("", "soubor"),
        (" . ", "soubor"),
        ("漢字.pdf", "漢字.pdf"),
        ("a" * 300 + ".pdf", "a" * 96 + ".pdf"),
        ("faktura\u200b.pdf", "faktura.pdf"),
        ("zadanka_7103192745.pdf", "zadanka_••••••_••••.pdf"),
        ("710319/2745 \u202e.pdf", "••••••_•••• .pdf"),
    ],
)
def test_a_name_is_never_more_than_a_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_picture_is_drawn_anew_and_nothing_else_is_shown(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    letter = letter_at(make_ticket())
    shown = file_of(letter, "foto.png", picture() + b"<script>", content_type="image/png")
    other = file_of(letter, "x.svg", b"<svg onload='alert(1)'/>", content_type="image/svg+xml", position=2)
    answer = jana.client.get(f"{FILES}{shown.pk}/nahled/")
    assert answer["Content-Type"] == "image/jpeg"
    assert b"<script>" not in answer.content
    assert Image.open(io.BytesIO(answer.content)).size == (20, 10)
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert jana.client.get(f"{FILES}{other.pk}/nahled/").status_code == 404
    page = jana.page(letter.ticket).content.decode()  # type: ignore[arg-type]
    assert f"{FILES}{shown.pk}/nahled/" in page
    assert f"{FILES}{other.pk}/nahled/" not in page


def test_the_field_team_gets_no_file_with_an_insured_number_and_no_letter_as_it_came(
    agent: Callable[..., Agent],
) -> None:
    soldier, jana = agent(Role.SUPPORT_L1), agent(Role.SUPPORT_L2)
    letter = letter_at(make_ticket())
    file = file_of(letter, "pojištěnec.txt", has_numbers=True)
    assert "from L2 on it can be opened" in text_of(soldier.page(letter.ticket))  # type: ignore[arg-type]
    for address in (f"{FILES}{file.pk}/", f"{FILES}{file.pk}/nahled/", f"{LETTERS}{letter.pk}/"):
        assert soldier.client.get(address).status_code == 404
    assert jana.client.get(f"{FILES}{file.pk}/").status_code == 200
    raw = jana.client.get(f"{LETTERS}{letter.pk}/")
    assert raw["Content-Type"] == "message/rfc822"
    assert raw["Content-Disposition"].startswith(f'attachment; filename="{letter.ticket}-{letter.pk}.eml"')
    assert raw.content.startswith(b"Subject: x")
    assert set(Look.objects.filter(user=jana.user).values_list("what", "saw_numbers")) == {
        ("ATTACHMENT", True),
        ("RAW", True),
    }


def test_an_outsider_gets_404_for_each_file_and_letter(agent: Callable[..., Agent]) -> None:
    site = make_site("Brno", "CZ0642")
    letter = letter_at(make_ticket(site=site))
    file = file_of(letter, "foto.png", picture(), content_type="image/png")
    elsewhere, manager = agent(Role.SUPPORT_L1, "CZ031").client, log_in(browser(), make_staff(Role.MANAGER, site=site))
    for client in (elsewhere, manager):
        for address in (f"{FILES}{file.pk}/", f"{FILES}{file.pk}/nahled/", f"{LETTERS}{letter.pk}/"):
            assert client.get(address).status_code == 404
    assert not Look.objects.exists()


def test_an_erased_file_is_not_offered(agent: Callable[..., Agent]) -> None:
    jana = agent(Role.SUPPORT_L2)
    letter = letter_at(make_ticket())
    file = file_of(letter)
    type(file).objects.filter(pk=file.pk).update(file=None)
    assert "smlouva.pdf (erased)" in text_of(jana.page(letter.ticket))  # type: ignore[arg-type]
    assert jana.client.get(f"{FILES}{file.pk}/").status_code == 404

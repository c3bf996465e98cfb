"""The public page: three ways in, one answer, nothing left behind."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from certificates.checking import reading, troubles
from certificates.checking.errors import DecoderBusy
from certificates.checking.found import Found, Trouble
from certificates.hcert import evidence_number
from certificates.models import Certificate, SignerCertificate
from certificates.revocation import revoking
from crs import slow_work
from crs.no_break import breakable
from crs.web.threads import THREADS
from tests.certificates.checking.codes import UVCI, bomb, file, locked, ours, photograph, picture, vaccination
from tests.factories import NOW, make_site, make_sitting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "key")]

EAN = "2000000000008"
PASSWORD = "ac4dm7xnpt3"


@pytest.fixture
def certificate() -> Certificate:
    """Jana's, with its evidence number."""
    signed = ours()
    dose = make_sitting(make_site())
    return Certificate.objects.create(
        dose=dose,
        person=dose.person,
        dose_number=2,
        total_doses=2,
        uvci=UVCI,
        ean=EAN,
        text=signed.text,
        facts_hash="x",
        signer=SignerCertificate.objects.get(),
        cause="SERIES",
        issued_at=signed.issued_at,
        expires_at=signed.expires_at,
    )


def page(client: Client, name: str = "check", language: str = "cs", **sent: Any) -> Any:
    client.cookies["crs_language"] = language
    address = reverse(f"certificates:{name}")
    return client.post(address, sent) if sent else client.get(address)


def upload(client: Client, content: bytes, **sent: Any) -> Any:
    return page(client, "check_file", file=SimpleUploadedFile("IMG_1234.JPG", content), **sent)


def test_only_this_page_may_use_the_camera_and_compile_a_reader(client: Client) -> None:
    answer = page(client)
    assert answer.status_code == 200
    assert "camera=(self)" in answer["Permissions-Policy"]
    assert answer["Permissions-Policy"].count("=()") == settings.PERMISSIONS_POLICY.count("=()") - 1
    assert "script-src 'self' 'wasm-unsafe-eval'" in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    home = client.get("/")
    assert "camera=()" in home["Permissions-Policy"]
    assert "wasm" not in home["Content-Security-Policy"]
    assert reverse("certificates:check") in home.content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("cs", ["Certifikát je pravý", "Česko", "31. 1. 1950"]),
        ("en", ["The certificate is genuine", "31 January 1950"]),
    ],
)
def test_a_text_is_answered_first_thing_in_words(client: Client, language: str, words: list[str]) -> None:
    answer = page(client, language=language, text=ours().text)
    text = breakable(answer.content.decode())
    assert all(word in text for word in [*words, "Jana Nováková", 'data-tone="success"', 'role="status"'])
    assert text.index('data-tone="success"') < text.index("<form method", text.index("<main"))
    assert answer["Cache-Control"].count("no-store") == 1
    assert ("18. 1. 2027" if language == "cs" else "18 January 2027") in text, "14 days after the dose"
    assert f'<a href="{reverse("certificates:check")}">' in text.split("</h1>")[1]
    # The code is of no more use on the page.
    assert "HC1:6" not in text


def test_one_that_was_revoked_says_so_on_every_way(client: Client, certificate: Certificate) -> None:
    assert "Certifikát je pravý" in page(client, text=certificate.text).content.decode()
    why = Certificate.Revocation.OTHER
    with transaction.atomic():
        revoking.revoke(certificates=Certificate.objects.all(), why=why, note="zkouška", by=None, now=NOW)
    text = page(client, text=certificate.text).content.decode()
    assert "Certifikát byl zneplatněn" in text
    assert 'data-tone="error"' in text
    assert "Jana Nováková" in text, "it was signed, so what it says is true to what was signed"
    assert "zneplatněn" in standing(client, EAN, "31.1.1950")


def test_the_answer_alone_is_for_the_script_of_the_page(client: Client) -> None:
    answer = client.post(reverse("certificates:check"), {"text": ours().text}, headers={"X-Fragment": "1"})
    assert answer["X-Fragment"] == "1"
    assert "Jana Nováková" in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_what_a_foreign_text_says_is_escaped_and_kept_apart(client: Client) -> None:
    content = vaccination(last_name="<b>אב", first_name="Ja&na")
    text = page(client, text=ours(content).text).content.decode()
    assert '<bdi dir="auto">Ja&amp;na &lt;b&gt;אב</bdi>' in text


def test_what_is_no_certificate_stays_for_the_person_to_look_at(client: Client) -> None:
    text = page(client, text="HC1:dobrý den").content.decode()
    assert "Toto není kód certifikátu" in text
    assert "HC1:dobrý den</textarea>" in text
    assert 'data-tone="warning"' in text
    assert "Vložte prosím text kódu" in page(client, text=" \r\n").content.decode()


def test_a_photograph_of_12_mb_on_its_side_is_read(client: Client) -> None:
    large = photograph(picture(ours().text, box=9), size=(4000, 3000))
    exif = Image.Exif()
    exif[0x0112] = 6
    content = file(large.rotate(90, expand=True), "JPEG", exif=exif)
    content += b"\0" * (12_000_000 - len(content))
    assert "Jana Nováková" in upload(client, content).content.decode()


def test_of_several_codes_the_certificate_is_taken_and_two_certificates_are_asked_for_one_by_one(
    client: Client,
) -> None:
    ours_, other = picture(ours().text), picture("https://example.cz/")
    assert "Jana Nováková" in upload(client, file(photograph(other, ours_))).content.decode()
    another = picture(ours(vaccination(first_name="Petr")).text)
    both = upload(client, file(photograph(ours_, another, size=(2000, 900)))).content.decode()
    assert "V souboru je několik certifikátů" in breakable(both)
    assert "Jana" not in both
    assert "Kód v souboru nepatří certifikátu" in breakable(upload(client, file(photograph(other))).content.decode())


def test_a_locked_pdf_is_opened_with_its_password_only(client: Client) -> None:
    pdf = locked(file(photograph(picture(ours().text)), "PDF"), PASSWORD)
    assert "PDF je zamčené heslem" in upload(client, pdf).content.decode()
    wrong = upload(client, pdf, password="Xp7mTx3vWq9").content.decode()
    assert "Heslo k tomuto PDF nepatří" in breakable(wrong)
    assert "Xp7mTx3vWq9" not in wrong
    for typed in (f" {PASSWORD} ", "Ac4dm 7xnpt3"):
        assert "Jana Nováková" in upload(client, pdf, password=typed).content.decode()
    right = upload(client, pdf, password=PASSWORD).content.decode()
    assert "Jana Nováková" in right
    assert PASSWORD not in right


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\0\0\0\x18ftypheic" + b"\0" * 100, "typu HEIC"),
        (b"%PDF-1.7 nothing", "nedá otevřít"),
        (file(Image.new("L", (99, 99)))[:60], "nedá otevřít"),
        (b"PK\x03\x04 a document", "není obrázek ani PDF"),
        (b"x", "není obrázek ani PDF"),
        (b"", "Soubor je prázdný"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(client: Client, content: bytes, words: str) -> None:
    assert words in upload(client, content).content.decode()


def test_a_picture_that_unfolds_to_gigabytes_is_refused(client: Client) -> None:
    assert "Obrázek je příliš velký" in upload(client, bomb()).content.decode()


def test_a_file_that_kills_the_reader_costs_nobody_else_anything(client: Client) -> None:
    assert "Jana" in upload(client, file(picture(ours().text))).content.decode()
    assert reading._decoder.process
    reading._decoder.process.kill()
    reading._decoder.process.wait()
    assert "Jana" in upload(client, file(picture(ours().text))).content.decode()


def test_who_comes_when_all_are_busy_is_asked_to_come_again(client: Client, monkeypatch: Any) -> None:
    def busy(*args: object, **options: object) -> Found:
        raise DecoderBusy

    with monkeypatch.context() as patched:
        patched.setattr(reading, "code_in_file", busy)
        answer = upload(client, b"x")
    assert (answer.status_code, answer["Retry-After"]) == (503, "3")
    assert "pošlete soubor znovu" in answer.content.decode()
    monkeypatch.setattr(slow_work, "SECONDS_FOR_A_PLACE", 0)
    held = [slow_work.places.acquire() for _ in range(THREADS - 1)]
    try:
        assert upload(client, b"x").status_code == 503
    finally:
        for _ in held:
            slow_work.places.release()


def test_no_other_page_takes_a_file_and_this_one_takes_one(client: Client) -> None:
    for address in (reverse("registration:phone"), reverse("certificates:check"), reverse("certificates:check_number")):
        answer = client.post(address, {"text": "x", "upload": SimpleUploadedFile("a.txt", b"x")})
        assert answer.status_code == 413, address
    two = [SimpleUploadedFile("a.png", b"x"), SimpleUploadedFile("b.png", b"x")]
    assert client.post(reverse("certificates:check_file"), {"file": two}).status_code == 413


def test_a_form_without_its_token_is_refused_with_its_file() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert upload(strict, b"x").status_code == 403
    assert page(strict, text="HC1:").status_code == 403


def test_addresses_of_forms_lead_back_to_the_page(client: Client) -> None:
    for name in ("check_file", "check_number"):
        assert page(client, name)["Location"] == reverse("certificates:check")
    assert client.head(reverse("certificates:check")).status_code == 200
    assert client.delete(reverse("certificates:check")).status_code == 405


def test_a_network_has_its_share_of_texts_and_of_files(client: Client, settings: Any) -> None:
    settings.CHECKS_PER_ADDRESS = "3/h"
    settings.FILE_CHECKS_PER_ADDRESS = "1/h"
    assert upload(client, b"x").status_code == 200
    answer = upload(client, b"x")
    assert (answer.status_code, "za hodinu" in answer.content.decode()) == (429, True)
    assert page(client, text="HC1:").status_code == 200
    over = page(client, text="HC1:ABC")
    assert (over.status_code, "HC1:ABC</textarea>" in over.content.decode()) == (429, True)


# --- by number and date of birth ---


def standing(client: Client, number: str, born: str) -> str:
    return breakable(page(client, "check_number", number=number, birth_date=born).content.decode())


@pytest.mark.parametrize(
    ("number", "born"),
    [
        (EAN, "31. 1. 1950"),
        ("2 000000 000008", "31.1.1950"),
        ("2000000-000008 ", "1950-01-31"),
        ("ěéééééééééééá", "31011950"),  # a scanner that types as if the keyboard were English
    ],
)
def test_a_number_with_the_right_date_is_answered_without_a_name(
    client: Client, certificate: Certificate, number: str, born: str
) -> None:
    text = standing(client, number, born)
    assert "existuje a je platný" in text
    assert "Očkování platí od 18. 1. 2027." in text, "14 days after the dose, as the paper says"
    assert "Nováková" not in text
    assert "1950" not in text.replace("31. 1. 1950.", ""), "but for the example at the field"


def test_an_unknown_number_and_a_wrong_date_get_the_very_same_answer(client: Client, certificate: Certificate) -> None:
    unknown = evidence_number.new()
    answers = [standing(client, EAN, "30. 1. 1950"), standing(client, unknown, "30. 1. 1950")]
    assert "neexistuje" in answers[0]
    assert _without_secrets(answers[0], EAN) == _without_secrets(answers[1], unknown)


def _without_secrets(text: str, number: str) -> list[str]:
    lines = text.replace(number, "NUMBER").splitlines()
    return [line for line in lines if "csrfmiddlewaretoken" not in line]


def test_what_became_of_it_is_told(client: Client, certificate: Certificate) -> None:
    Certificate.objects.update(issued_at=NOW - timedelta(days=9), expires_at=NOW)
    assert "jeho platnost skončila" in standing(client, EAN, "31.1.1950")
    Certificate.objects.update(state="REVOKED", revocation="OTHER", revoked_at=NOW)
    assert "zneplatněn" in standing(client, EAN, "31.1.1950")
    Certificate.objects.update(expires_at=NOW + timedelta(days=9), state="VALID", revocation="", revoked_at=None)
    SignerCertificate.objects.update(withdrawn_at=NOW, withdrawal_reason="zkouška")
    assert "zneplatněn" in standing(client, EAN, "31.1.1950")


def test_where_there_is_no_certificate_at_all_none_is_found(client: Client) -> None:
    assert "neexistuje" in standing(client, EAN, "31.1.1950")


@pytest.mark.parametrize(
    ("number", "born", "words"),
    [
        ("2000000000009", "31. 1. 1950", "Některá číslice nesouhlasí"),
        ("12345", "31. 1. 1950", "má 13 číslic"),
        (EAN, "31. 1.", "Napište datum narození takto"),
        (EAN, "31. 1. 50", "všemi čtyřmi číslicemi roku"),
        (EAN, "31. 2. 1950", "Takový den v kalendáři není"),
        (EAN, "12. 1. 2027", "teprve přijde"),
        (EAN, "včera", "Napište datum narození takto"),
    ],
)
def test_what_is_typed_wrongly_stays_with_a_word_of_advice(client: Client, number: str, born: str, words: str) -> None:
    text = standing(client, number, born)
    assert words in text
    assert f'value="{number}"' in text
    assert f'value="{born}"' in text


def test_dates_of_one_number_can_be_guessed_a_few_times_only_and_right_ones_cost_nothing(
    client: Client, certificate: Certificate, settings: Any
) -> None:
    settings.EVIDENCE_CHECKS_PER_NUMBER = "2/h"
    for _ in range(3):
        assert "je platný" in standing(client, EAN, "31. 1. 1950")
    for _ in range(2):
        standing(client, EAN, "1. 1. 1951")
    over = page(client, "check_number", number=EAN, birth_date="31. 1. 1950")
    assert over.status_code == 429
    unknown = evidence_number.new()
    for _ in range(2):
        standing(client, unknown, "1. 1. 1951")
    assert page(client, "check_number", number=unknown, birth_date="31. 1. 1950").status_code == 429


def test_a_network_has_its_share_of_numbers(client: Client, settings: Any) -> None:
    settings.EVIDENCE_CHECKS_PER_ADDRESS = "1/h"
    assert "neexistuje" in standing(client, evidence_number.new(), "31. 1. 1950")
    over = page(client, "check_number", number=EAN, birth_date="31. 1. 1950")
    assert (over.status_code, f'value="{EAN}"' in over.content.decode()) == (429, True)


# --- nothing is left ---


def test_nothing_that_was_sent_is_stored_logged_or_in_an_address(
    client: Client, certificate: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    text = ours(vaccination(last_name="Neukládaná", first_name="Ema")).text
    pdf = locked(file(photograph(picture(text)), "PDF"), PASSWORD)
    before = _rows()
    answers = [
        page(client, text=text),
        upload(client, file(picture(text))),
        upload(client, pdf, password=PASSWORD),
        upload(client, b"%PDF-1.4 Neukladana"),
        page(client, "check_number", number=EAN, birth_date="30. 1. 1950"),
    ]
    assert "Neukládaná" in answers[2].content.decode()
    secrets = [text, text[:40], "Neukládaná", "NEUKLADANA", PASSWORD, EAN, "IMG_1234"]
    assert not [secret for secret in secrets if secret in caplog.text]
    after = _rows()
    changed = {table for table in after if after[table] != before[table]}
    assert changed <= {"crs_tries"}
    assert not [secret for secret in secrets if secret in "".join(after["crs_tries"])]
    assert all("no-store" in answer["Cache-Control"] for answer in answers)
    assert all("crs_session" not in answer.cookies for answer in answers)


def _rows() -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = {}
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1')  # noqa: S608
            found[table] = [row for (row,) in cursor.fetchall()]
    return found


def test_every_trouble_has_words() -> None:
    assert all(troubles.words(trouble).title for trouble in Trouble)

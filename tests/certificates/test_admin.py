"""The ministry's screens of certificates: found by number, without a code, a key or a password."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from certificates.models import Certificate, Delivery, SignerCertificate, SigningKey, VaccineCoding
from logistics.models import Role
from tests.factories import NOW, make_certificate, make_signing_key, make_site, make_sitting, make_staff
from tests.pages import browser, log_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def certificate() -> Certificate:
    return make_certificate(make_sitting(make_site()))


@pytest.fixture
def ministry(certificate: Certificate) -> Client:
    return log_in(browser(), make_staff(Role.MINISTRY))


def search(client: Client, model: str, text: str) -> str:
    """What a screen lists after a search for `text`."""
    address = reverse(f"admin:certificates_{model}_changelist")
    page = client.post(address, {"private_search": "1", "q": text}, follow=True)
    assert text not in page.redirect_chain[-1][0]
    return text_of(page)


@pytest.mark.parametrize(
    "typed",
    [
        lambda one: one.uvci,
        lambda one: f" {one.uvci.lower()} ",
        lambda one: one.uvci.removeprefix("URN:UVCI:01:CZ:"),
        lambda one: one.ean,
        lambda one: f"{one.ean[:1]} {one.ean[1:7]} {one.ean[7:]}",
    ],
)
def test_a_certificate_is_found_by_its_identifier_or_evidence_number(
    ministry: Client, certificate: Certificate, typed: Callable[[Certificate], str]
) -> None:
    assert certificate.uvci in search(ministry, "certificate", typed(certificate))
    assert certificate.uvci not in search(ministry, "certificate", "2999999999998")


def test_no_screen_shows_a_code_a_key_or_a_password(ministry: Client, certificate: Certificate) -> None:
    delivery = Delivery.objects.create(
        certificate=certificate,
        asked_at=NOW,
        language="cs",
        email="jana.novakova@example.cz",
        phone="+420601234567",
        password_way="PAPER",
        password="abc123def45",
    )
    key = SigningKey.objects.get()
    secrets = (
        certificate.text,
        key.private_key.splitlines()[1],
        "abc123def45",
        "jana.novakova@example.cz",
        "601234567",
    )
    for row in (certificate, delivery, key, key.signer):
        name = row._meta.model_name
        for kind, args in (("changelist", []), ("change", [row.pk])):
            page = ministry.get(reverse(f"admin:certificates_{name}_{kind}", args=args))
            assert page.status_code == 200
            assert [one for one in secrets if one in page.content.decode()] == [], f"{name} {kind}"
    assert "j…@example.cz" in search(ministry, "delivery", certificate.ean)


def test_a_key_signs_now_only_while_it_may_sign_certificates(ministry: Client) -> None:
    day = timedelta(days=1)
    sides: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
        ({"signs_from": NOW - day, "signs_until": NOW}, {}),
        ({"signs_from": NOW + day}, {}),
        ({}, {"withdrawn_at": NOW, "withdrawal_reason": "Prozrazen."}),
        ({}, {"is_authority": True}),
        ({}, {"not_after": NOW}),
        ({}, {"not_before": NOW + day}),
    )
    for times, signer in sides:
        SignerCertificate.objects.filter(pk=make_signing_key(**times).signer_id).update(**signer)
    page = ministry.get(reverse("admin:certificates_signingkey_changelist"))
    rows = {key: key.may_sign for key in page.context["cl"].result_list}
    assert {key for key, may_sign in rows.items() if may_sign} == {SigningKey.objects.signing(NOW).get()}
    assert len(rows) == 1 + len(sides)
    assert page.content.decode().count("icon-yes") == 1
    assert page.content.decode().count("icon-no") == len(sides)


def test_the_ministry_adds_a_code_and_nobody_else_does(ministry: Client) -> None:
    address = reverse("admin:certificates_vaccinecoding_add")
    typed = {"vaccine": "comirnaty", "valid_from": "2027-06-01", "prophylaxis": "x", "product": "y", "holder": "z"}
    assert ministry.post(address, typed).status_code == 302
    assert VaccineCoding.objects.get(product="y").holder == "z"
    manager = log_in(browser(), make_staff(Role.MANAGER, site=make_site("Jinde")))
    assert manager.post(address, typed | {"valid_from": "2027-07-01"}).status_code in (302, 403, 404)
    assert VaccineCoding.objects.filter(product="y").count() == 1


def test_codes_that_have_begun_are_only_added_to(ministry: Client) -> None:
    address = reverse("admin:certificates_vaccinecoding_add")
    typed = {"vaccine": "comirnaty", "valid_from": "2027-01-11", "prophylaxis": "x", "product": "y", "holder": "z"}
    assert "New ones begin tomorrow or later." in text_of(ministry.post(address, typed))
    assert ministry.post(address, typed | {"valid_from": "2027-01-12"}).status_code == 302
    new, begun = (
        VaccineCoding.objects.get(product="y"),
        VaccineCoding.objects.get(vaccine="comirnaty", valid_from__lt=NOW),
    )
    chosen = {"action": "delete_selected", "post": "yes", "_selected_action": [begun.pk, new.pk]}
    assert ministry.post(reverse("admin:certificates_vaccinecoding_changelist"), chosen).status_code == 403
    for row, status in ((begun, 403), (new, 302)):
        for act, sent in (("change", typed | {"valid_from": "2027-02-01"}), ("delete", {"post": "yes"})):
            page = ministry.post(reverse(f"admin:certificates_vaccinecoding_{act}", args=[row.pk]), sent)
            assert page.status_code == status, (act, status)
    events = apps.get_model("certificates", "VaccineCodingEvent").objects.filter(product="y")
    assert list(events.order_by("pgh_id").values_list("pgh_label", flat=True)) == ["insert", "update"]

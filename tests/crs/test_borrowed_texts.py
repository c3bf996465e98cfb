"""No page in Czech has a sentence of Django or of its packages in English."""

from pathlib import Path

import django
import pytest
from babel.messages.pofile import read_po
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import password_validators_help_texts
from django.test import Client
from django.utils import translation
from django.utils.translation.trans_real import DjangoTranslation

from crs import borrowed_texts
from tests.factories import make_site
from tests.pages import english_in

# What no page shows: texts for programmers and names of languages are not looked at in `conf`.
OF_PAGES = ("contrib/admin", "contrib/auth")


@pytest.mark.parametrize("app", OF_PAGES)
def test_everything_that_django_says_on_pages_has_its_czech(app: str) -> None:
    catalog = DjangoTranslation("cs")._catalog  # type: ignore[attr-defined]
    known = set(catalog.keys())
    with (Path(django.__file__).parent / app / "locale/en/LC_MESSAGES/django.po").open("rb") as file:
        for message in read_po(file):
            if not message.id:
                continue
            text = message.id if isinstance(message.id, str) else message.id[0]
            key = f"{message.context}\x04{text}" if message.context else text
            assert key in known or (key, 0) in known, key


def test_what_is_borrowed_is_said_in_czech() -> None:
    with translation.override("cs"):
        rule = password_validators_help_texts()
        assert all(any(letter in text for letter in "ěščřžýáíéůú") for text in rule), rule
        for text in (*borrowed_texts.UNTRANSLATED[:-1], *borrowed_texts.OF_MODELS):
            assert translation.gettext(text) != text
        assert "12\u00a0znaků" in translation.ngettext(
            "This password is too short. It must contain at least %d character.",
            "This password is too short. It must contain at least %d characters.",
            12,
        ) % 12  # fmt: skip


@pytest.mark.django_db
def test_czech_pages_have_no_english_sentence(client: Client, admin_client: Client, admin_user: User) -> None:
    site, account = make_site(), f"/admin/auth/user/{admin_user.pk}"
    admin_site = f"/admin/logistics/vaccinationsite/{site.pk}"
    public = (
        "/", "/registrace/", "/rezervace/", "/moje/registrace/", "/ockovaci-mista/", "/volne-terminy/",
        f"/ockovaci-mista/{site.pk}/", "/overeni/", "/stav/", "/neni-tu/", "/personal/prihlaseni/",
        "/personal/zapomenute-heslo/",
    )  # fmt: skip
    of_staff = (
        "/admin/", "/personal/", "/personal/heslo/", "/admin/auth/user/add/", f"{account}/change/",
        f"{account}/password/", f"{admin_site}/change/", f"{admin_site}/delete/", f"{admin_site}/history/",
        "/admin/logistics/vaccinationsite/", "/admin/reservation/reservation/", "/admin/registration/person/",
        "/admin/messaging/message/",
    )  # fmt: skip
    for browser, paths in ((client, public), (admin_client, of_staff)):
        for path in paths:
            page = browser.get(path, follow=True)
            assert not english_in(page), (path, english_in(page))

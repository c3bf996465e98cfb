"""What the tests of pages share: browsers, the words of a page, and forms as a browser sends them."""

import base64
import html
import io
import re
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from typing import Any
from uuid import uuid4

import pikepdf
import pypdfium2
from captcha.models import CaptchaStore
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django.utils.translation.trans_real import DjangoTranslation
from django_otp import DEVICE_ID_SESSION_KEY

from crs import i18n
from crs.accounts import second_factor
from crs.captcha import questions
from crs.captcha.challenges import Answer
from tests.factories import PASSWORD, totp

# A test client's answer, which has more than an HttpResponse.
Page = Any

HOME, LOG_IN, CODE, SET_UP = "/personal/", "/personal/prihlaseni/", "/personal/kod/", "/personal/nastaveni/"
CODES, DEVICE = "/personal/zalozni-kody/", "/personal/aplikace/"
WRONG_PASSWORD = "The name or the password is not right. Please check both and try again."


# --- any page -----------------------------------------------------------------------------------


def english(client: Client) -> Client:
    """The browser, set to English."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def browser() -> Client:
    """A browser of somebody who reads English."""
    return english(Client())


def text_of(page: Page) -> str:
    """What is read on the page, its head too, with single spaces."""
    return words(page.content.decode())


def words(markup: str) -> str:
    """What is read in HTML, with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def text_of_pdf(pdf: bytes, page: int | None = None, *, password: str | None = None) -> str:
    """What a reader finds on one page of the document, or on all of them, with single spaces.

    Raises pypdfium2.PdfiumError without the password of a locked one.
    """
    with closing(pypdfium2.PdfDocument(pdf, password=password)) as document:
        pages = document if page is None else [document[page]]
        return " ".join(" ".join(one.get_textpage().get_text_range() for one in pages).split())


def tags_of(pdf: bytes) -> list[tuple[str, str]]:
    """All structure elements of the document in their order, each with what is said instead of it."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [*_tags(document.Root.StructTreeRoot)]


def _tags(element: Any) -> Iterator[tuple[str, str]]:
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield str(kid.S), str(kid.get("/Alt", ""))
            yield from _tags(kid)


def english_in(page: Page) -> set[str]:
    """The English texts of our code and of Django's that are read on the page, where they have three words or more."""
    text = f" {text_of(page)} "
    return {one for one in _english_texts() if one in text and re.search(rf"(?<!\w){re.escape(one)}(?!\w)", text)}


@cache
def _english_texts() -> frozenset[str]:
    """What programs say in English, ours, Django's and those of its packages, up to the first placeholder or tag."""
    ours = {message.id for room in i18n.rooms(settings.BASE_DIR) for message in i18n.translations_of(room)}
    theirs = set(DjangoTranslation("cs")._catalog.keys())  # type: ignore[attr-defined]
    keys = (one for key in ours | theirs for one in (key if isinstance(key, tuple) else (key,)))
    texts = {one for one in keys if isinstance(one, str)}
    begun = {" ".join(re.split(r"%[(sd]|\{|<", one.rpartition("\x04")[2])[0].split()) for one in texts}
    return frozenset(one for one in begun if len(one.split()) >= 3 and len(one) > 12)


def summary(page: Page) -> str:
    """What the top of a refused form says, as HTML."""
    found = re.search(r'class="gov-message crs-message crs-errors".*?</ul>', page.content.decode(), re.DOTALL)
    return found.group() if found else ""


def form_key(page: Page) -> str:
    """The key of the form on the page."""
    found = re.search(r'name="form_key" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def send_form(client: Client, path: str, **fields: Any) -> Page:
    """Send a form with a key of its own."""
    return client.post(path, {"form_key": uuid4(), **fields})


# --- captchas -----------------------------------------------------------------------------------


def solved_challenge() -> Answer:
    """The right answer to a captcha of its own."""
    return Answer(CaptchaStore.objects.create(challenge="ABC", response="abc").hashkey, "abc")


def solved_captcha() -> dict[str, str]:
    """A captcha as a page offers it, with the right answer."""
    answer = solved_challenge()
    return {"captcha_0": answer.key, "captcha_1": answer.text}


def answer_to(response: str) -> str:
    """What a person writes to a picture ("abcde") or to a question in words ("number:7", "word:d2")."""
    kind, _, what = response.rpartition(":")
    if kind != "word":
        return what
    return next(str(words[int(what[1:])]) for of, words in questions.WORDS.items() if of[0] == what[0])


# --- staff --------------------------------------------------------------------------------------


def log_in(client: Client, user: User) -> Client:
    """Log `user` in as if the password and a code of their authenticator app had been typed; returns the browser."""
    device = totp(user)
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    return client


def type_password(client: Client, name: str = "sklad", password: str = PASSWORD, **more: str) -> Page:
    """Send the first page of logging in."""
    return client.post(LOG_IN, {"name": name, "password": password, **more})


def type_code(client: Client, code: str) -> Page:
    """Send the second page of logging in."""
    return client.post(CODE, {"code": code})


def code_now(user: User) -> str:
    """What the user's app shows."""
    return second_factor.current_code(totp(user), at=timezone.now())


def key_on(page: Page) -> str:
    """The key of a new app in hex, from what is shown for typing."""
    shown = re.search(r'class="crs-key"><code>([^<]*)', page.content.decode())
    assert shown
    return base64.b32decode(shown[1].replace(" ", "")).hex()


def code_of_key(user: User, key: str) -> str:
    """What an app with the key shows."""
    return second_factor.current_code(second_factor.unsaved_device(user=user, key=key), at=timezone.now())

"""Challenges that are made, kept, and used up by one answer."""

import random
from dataclasses import dataclass

from captcha.models import CaptchaStore
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crs.captcha import questions
from crs.errors import DomainError
from crs.plain_sql import execute
from crs.prepared_queries import Given, Prepared

# No pair that looks alike when slightly turned: not I and J and L, O and Q and D, U and V, C and G, E and F.
LETTERS = "ABCEHKLMNPRSTXYZ"

_random = random.SystemRandom()
_DELETE = "DELETE FROM captcha_captchastore WHERE id = %(key)s"
_USABLE = Prepared(lambda: CaptchaStore.objects.filter(hashkey=Given("key"), expiration__gt=Given("now")))


@dataclass(frozen=True)
class Answer:
    """The text that was typed to the challenge with this key."""

    key: str
    text: str


class WrongAnswer(DomainError):
    """The answer does not fit the challenge, or the challenge ran out or was used up before."""

    message = _("This answer does not fit or has expired. Please try the new one.")


def picture_challenge() -> tuple[str, str]:
    """The letters on a picture, and the answer to them."""
    letters = "".join(_random.choices(LETTERS, k=settings.CAPTCHA_LENGTH))
    return letters, letters.lower()


def usable(key: str) -> CaptchaStore | None:
    """The challenge with this key, unless it ran out or was used up."""
    # The key may come from outside as it is: a NUL in it would break the query.
    if not key.isalnum():
        return None
    return _USABLE.first(key=key, now=timezone.now())


def use_up(answer: Answer) -> bool:
    """Whether `answer` is right; either way the challenge is gone with the transaction of the caller.

    Of two requests at once only one deletes the row, and only that one may be right.
    """
    store = usable(answer.key)
    if store is None:
        return False
    is_right = questions.answers_match(store.challenge, expected=store.response, answer=answer.text)
    return bool(execute(_DELETE, {"key": store.pk})) and is_right

"""The picture and the sound of a challenge."""

import re

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from crs.captcha import pictures, questions, speech
from crs.captcha.challenges import usable
from crs.keyed_hash import keyed_hash
from crs.slow_work import SECONDS_TO_RETRY


@never_cache
@require_GET
def picture(request: HttpRequest, key: str) -> HttpResponse:
    """The letters, or the question in the language of the person."""
    challenge = _challenge(key)
    if questions.is_words(challenge):
        drawn = pictures.draw(questions.question(challenge), seed=keyed_hash("captcha-picture", key))
    else:
        drawn = pictures.draw_letters(challenge, seed=key)
    return HttpResponse(drawn, content_type="image/png")


@never_cache
@require_GET
def sound(request: HttpRequest, key: str) -> HttpResponse:
    """The letters one by one, or the question, read aloud in the language of the person."""
    if not settings.CAPTCHA_ESPEAK_PATH:
        raise Http404
    challenge = _challenge(key)
    is_words = questions.is_words(challenge)
    text = questions.question(challenge) if is_words else ", ".join(challenge)
    try:
        spoken = speech.speak(text, language=request.LANGUAGE_CODE)
    except speech.CannotSpeak:
        return HttpResponse(status=503, headers={"Retry-After": str(SECONDS_TO_RETRY)})
    return _piece(spoken, request.headers.get("Range", ""))


def _piece(spoken: bytes, wanted: str) -> HttpResponse:
    """The piece that a `Range` header asks for, else all: Safari plays only what it gets in pieces."""
    asked = re.fullmatch(r"bytes=([0-9]{1,9})-([0-9]{0,9})", wanted)
    first = int(asked[1]) if asked else 0
    last = min(int(asked[2]) if asked and asked[2] else len(spoken), len(spoken) - 1)
    is_piece = asked is not None and first <= last
    response = HttpResponse(spoken[first : last + 1] if is_piece else spoken, content_type="audio/wav")
    response.headers["Accept-Ranges"] = "bytes"
    if is_piece:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {first}-{last}/{len(spoken)}"
    return response


def _challenge(key: str) -> str:
    store = usable(key)
    if store is None:
        raise Http404
    return str(store.challenge)

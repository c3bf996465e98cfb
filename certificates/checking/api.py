"""`POST /api/verify/`: a program checks a certificate (docs/api.md). Nothing that is sent here is stored or logged."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from certificates.checking import limits
from certificates.checking.errors import TooManyChecks
from certificates.checking.verdict import Outcome, Verdict, check
from certificates.trust.freshness import ListAge
from crs.open_answers import knows_methods

METHODS = "POST, OPTIONS"
# A code has 4,296 characters at most; this leaves room for how JSON writes them.
MOST_BYTES = 64 * 1024
_LANGUAGES = {code for code, _name in settings.LANGUAGES}
View = Callable[[HttpRequest], HttpResponse]


class _Refused(Exception):
    """The request goes no further."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers


def in_their_language(view: View) -> View:
    """Answer in the first language of `Accept-Language` that we speak; otherwise in Czech."""

    @wraps(view)
    def speaking(request: HttpRequest) -> HttpResponse:
        wanted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
        code = next((one for one in (tag.partition("-")[0] for tag, _quality in wanted) if one in _LANGUAGES), "cs")
        with translation.override(code):
            response = view(request)
        response.headers["Content-Language"] = code
        response.headers["Vary"] = "Accept-Language"
        return response

    return speaking


@knows_methods
@csrf_exempt  # programs have no cookie, and none is set
@never_cache
@in_their_language
def verify(request: HttpRequest) -> HttpResponse:
    """The verdict as JSON; what cannot be answered is JSON with its reason, too."""
    try:
        text = _text(request)
        now = timezone.now()
        limits.count_check(request, now=now)
        verdict = check(text, now=now)
        return JsonResponse(_answer(verdict), json_dumps_params={"ensure_ascii": False})
    except _Refused as refused:
        return _refusal(refused.status, refused.message, **refused.headers)
    except TooManyChecks as refusal:
        return _refusal(refusal.status, str(refusal), **{"Retry-After": "3600"})


def _text(request: HttpRequest) -> str:
    """The text in the body. Raises _Refused."""
    if request.method == "OPTIONS":
        raise _Refused(200, _("Send a POST with the text of the code."), Allow=METHODS)
    if request.method != "POST":
        raise _Refused(405, _("Send a POST with the text of the code."), Allow=METHODS)
    charset = request.content_params.get("charset", "utf-8") if request.content_params else "utf-8"
    if request.content_type != "application/json" or charset.lower() not in {"utf-8", "utf8"}:
        raise _Refused(415, _("Send JSON in UTF-8: Content-Type: application/json."), Accept="application/json")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise _Refused(415, _("Send the body as it is, without Content-Encoding."), **{"Accept-Encoding": "identity"})
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise _Refused(413, _("This is longer than any certificate."))
    try:
        sent = json.loads(request.body.decode("utf-8-sig"))
    except RequestDataTooBig as error:
        raise _Refused(413, _("This is longer than any certificate.")) from error
    except (ValueError, RecursionError) as error:
        raise _Refused(400, _("This is no JSON.")) from error
    text = sent.get("text") if isinstance(sent, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise _Refused(400, _('Send an object with the text of the code: {"text": "HC1:…"}.'))
    return text


def _answer(verdict: Verdict) -> dict[str, Any]:
    genuine = verdict.genuine
    answer: dict[str, Any] = {
        "genuine": verdict.is_genuine,
        "reason": verdict.code,
        "message": " ".join(filter(None, [f"{verdict.outcome.label}.", verdict.detail, verdict.advice])),
        "revoked": verdict.outcome is Outcome.REVOKED,
        "content": None,
        "signer": None,
        "issuer": None,
        "issued": None,
        "expires": None,
        "lists": {
            "trust": _list(verdict.freshness.trust),
            "revocation": _list(verdict.freshness.revocation),
            "old": verdict.freshness.is_old,
        },
    }
    if genuine is not None:
        answer |= {
            "content": genuine.payload,
            "signer": {"country": genuine.country or None, "kid": genuine.kid.hex()},
            "issuer": genuine.claimed_country or None,
            "issued": genuine.issued_at.isoformat() if genuine.issued_at else None,
            "expires": genuine.expires_at.isoformat() if genuine.expires_at else None,
        }
    return answer


def _list(age: ListAge | None) -> dict[str, Any] | None:
    if age is None:
        return None
    return {"date": age.issued_at.isoformat(), "hours": age.age // timedelta(hours=1), "old": age.is_old}


def _refusal(status: int, message: str, **headers: str) -> HttpResponse:
    return JsonResponse({"message": message}, status=status, headers=headers, json_dumps_params={"ensure_ascii": False})

"""`/stav/`: how CRS works at present, for people and as JSON for programs. No session, no database as a rule."""

import json
from hashlib import sha256
from math import ceil
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from crs import languages
from crs.open_answers import open_to_all
from crs.outages import SECONDS_TO_RETRY
from support.incidents import state
from support.incidents.state import State
from support.models import Incident

SECONDS_CACHED = 15
_KINDS = {"ok": "success", "notice": "info", "degraded": "warning", "outage": "error", "unknown": "warning"}


@require_safe
def state_page(request: HttpRequest) -> HttpResponse:
    """The page. Without messages, which stand in the session: it has to come when the database is away."""
    found = state.current(timezone.now())
    context = {
        "state": found,
        "kind": _KINDS[found["state"]],
        "measured_at": _moment(found["measured_at"]),
        "delays": [(name, _delay(found["delays"][name]["seconds"])) for name in ("sms", "email")],
        "lasting": [_shown(one) for one in found["open"]],
        "ended": [_shown(one) for one in found["history"]],
        "messages": (),
    }
    response = render(request, "support/incidents/state.html", context, status=_status(found))
    # The page holds the token of the language's form, so no shared cache may keep it.
    response.headers["Cache-Control"] = "private, no-cache" if response.status_code == 200 else "no-store"
    return _lasting_briefly(response)


@open_to_all
def state_json(request: HttpRequest) -> HttpResponseBase:
    """The state for programs, from any page of the web; docs/api.md describes its fields."""
    found = state.current(timezone.now())
    body = json.dumps(found, ensure_ascii=False)
    response = HttpResponse(body, content_type="application/json", status=_status(found))
    if response.status_code != 200:
        return _lasting_briefly(response)
    response.headers["Cache-Control"] = f"public, max-age={SECONDS_CACHED}"
    response.headers["ETag"] = f'"{sha256(body.encode()).hexdigest()[:32]}"'
    return get_conditional_response(request, etag=response.headers["ETag"], response=response) or response


def _status(found: State) -> int:
    return 503 if found["state"] == "unknown" else 200


def _lasting_briefly(response: HttpResponse) -> HttpResponse:
    if response.status_code == 503:
        response.headers["Retry-After"] = str(SECONDS_TO_RETRY)
    return response


def _shown(incident: State) -> dict[str, Any]:
    """A problem in the language of the page."""
    return {
        "id": incident["id"],
        "severity": incident["severity"],
        "severity_name": Incident.Severity(incident["severity"].upper()).label,
        "title": _words(incident["title"]),
        "text": _words(incident["text"]),
        "began_at": _moment(incident["began_at"]),
        "ended_at": _moment(incident["ended_at"]),
        "updates": [{"at": _moment(one["at"]), "text": _words(one["text"])} for one in incident["updates"]],
    }


def _delay(seconds: int | None) -> str:
    if seconds is None:
        return _("nothing was sent lately")
    if seconds == 0:
        return _("at once")
    if seconds < 60:
        return ngettext("within %(count)d second", "within %(count)d seconds", seconds) % {"count": seconds}
    minutes = ceil(seconds / 60)
    return ngettext("within %(count)d minute", "within %(count)d minutes", minutes) % {"count": minutes}


def _words(both: dict[str, str]) -> str:
    return both[languages.of_two()]


def _moment(text: str | None) -> Any:
    return None if text is None else state.moment(text)

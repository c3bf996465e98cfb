"""Ends idle sessions of staff, and records changes in the history under the session's owner."""

from collections.abc import Callable
from functools import partial

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from crs import history
from crs.accounts import session

GetResponse = Callable[[HttpRequest], HttpResponse]
READING = ("GET", "HEAD", "OPTIONS")


def idle_end(get_response: GetResponse) -> GetResponse:
    """End the session of staff who asked for nothing for `STAFF_IDLE_MINUTES`.

    The session is checked when a view asks for `request.user`. Pages of citizens never do, so they pay nothing.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(partial(_unless_idle, request, request.user))  # type: ignore[assignment]
        return get_response(request)

    return middleware


def _unless_idle(request: HttpRequest, user: object) -> object:
    if SESSION_KEY not in request.session:
        return user
    if session.is_idle(request.session):
        session.end_idle(request.session)
        return AnonymousUser()
    session.note_activity(request.session)
    return user


def authorship(get_response: GetResponse) -> GetResponse:
    """Record each change that is made in a session of staff under its owner's name, on every page.

    It asks only the session, which every form reads anyway. So citizens pay no query for it, and their pages neither
    end an idle session of staff in the same browser nor keep it alive. A citizen's form that is sent in a browser
    where staff are logged in bears that name, too: it tells whose browser it was, and the operation adds what the
    citizen did. The page decides whether the account is still active; the history does not ask.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        # Reading changes nothing, and a picture needs no session.
        owner = None if request.method in READING else session.owner(request.session)
        if owner is None:
            return get_response(request)
        with history.in_session_of(owner, url=request.path):
            return get_response(request)

    return middleware

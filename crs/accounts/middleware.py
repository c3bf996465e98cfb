"""What a session of staff means for each request: it ends when idle, and changes are recorded under its owner."""

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

    It looks when somebody asks for `request.user`, which no page of citizens does: they pay nothing.
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
    """Record in the history what is changed in a session of staff under its owner's name, whatever the page.

    The session alone is asked, which every form reads anyway: citizens pay no query for it, and a page of theirs
    neither ends an idle session of staff in the same browser nor keeps it alive. A citizen's form that is sent in a
    browser where somebody of staff is logged in bears that name, too: it tells whose browser it was, and the
    operation adds what the citizen did. Whether the account is still active, the page decides, not the history.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        # What is only read changes nothing, and a picture needs no session.
        owner = None if request.method in READING else session.owner(request.session)
        if owner is None:
            return get_response(request)
        with history.in_session_of(owner, url=request.path):
            return get_response(request)

    return middleware

"""The session of staff: password first, then a code, and only then is anybody logged in.

Between the two steps the session holds only the key of the account whose password was right; it opens no page. The
session ends when its owner asked for nothing for `STAFF_IDLE_MINUTES`.
"""

import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth import login as django_login
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp import login as otp_login
from django_otp.models import Device

from crs.accounts import passwords, second_factor
from crs.session_encryption import seal, unseal

PENDING, KEY, CODES, NEXT = "staff_pending", "staff_new_key", "staff_codes", "staff_next"
RESET = "staff_reset"
# The owner's latest request (seconds since 1970), and the mark of a session that ended because there was none.
SEEN, IDLED = "staff_seen", "staff_idled"
SECONDS_BETWEEN_NOTES = 60
# From the password to the code; long enough to install an app.
PENDING_LASTS = timedelta(minutes=20)
_BACKEND = "crs.accounts.backend.Accounts"


def begin(request: HttpRequest, *, user: User, next_page: str, now: datetime) -> None:
    """Note that `user` typed their password, under a new session key."""
    request.session.cycle_key()
    request.session.pop(KEY, None)
    request.session[PENDING] = _note(user, now)
    request.session[NEXT] = safe_page(request, next_page)


def next_step(user: User) -> str:
    """The name of the page where `user`, whose password was right, goes on: the code, or first an app for it."""
    return "accounts:code" if second_factor.is_set_up(user) else "accounts:set_up"


def pending_user(request: HttpRequest, *, now: datetime) -> User | None:
    """The account whose password was right in this browser lately; None if the password was changed since."""
    return _noted_user(request.session.get(PENDING), now)


def let_in(request: HttpRequest, *, user: User, device: Device) -> None:
    """Log `user` in, both factors proved, under a new session key."""
    del request.session[PENDING]
    request.session.pop(KEY, None)
    passwords.remember_network(request, user=user, now=timezone.now())
    django_login(request, user, backend=_BACKEND)
    otp_login(request, device)


def begin_reset(request: HttpRequest, *, user: User, now: datetime) -> None:
    """Note that `user` may choose a new password here, under a new session key."""
    request.session.cycle_key()
    request.session[RESET] = _note(user, now)


def resetting_user(request: HttpRequest, *, now: datetime) -> User | None:
    """The account that may choose a new password in this browser; None after it has."""
    return _noted_user(request.session.get(RESET), now)


def next_page(request: HttpRequest) -> str:
    """The page that was asked for before logging in, else the start page; the session forgets it."""
    page: str = request.session.pop(NEXT, "")
    return page or resolve_url(settings.LOGIN_REDIRECT_URL)


def safe_page(request: HttpRequest, page: str) -> str:
    """`page` if it is one of ours, else an empty text."""
    is_ours = url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # A path: `redirect` takes a bare word for the name of a view and fails.
    return page if is_ours and page.startswith("/") else ""


def owner(session: SessionBase) -> int | None:
    """The key of the account that gave both factors in the session and is not idle. Reads only the session."""
    if SESSION_KEY not in session or DEVICE_ID_SESSION_KEY not in session or is_idle(session):
        return None
    return int(session[SESSION_KEY])


def is_idle(session: SessionBase) -> bool:
    """Whether the session's owner asked for nothing for `STAFF_IDLE_MINUTES`."""
    return _silent_seconds(session) >= settings.STAFF_IDLE_MINUTES * 60


def note_activity(session: SessionBase) -> None:
    """Note the time of a request of the session's owner, at most once a minute."""
    if SEEN not in session or _silent_seconds(session) >= SECONDS_BETWEEN_NOTES:
        session[SEEN] = int(time.time())


def end_idle(session: SessionBase) -> None:
    """End the session; the log-in page will say why."""
    session.flush()
    session[IDLED] = True


def has_idled(request: HttpRequest) -> bool:
    """Whether the last session ended because nothing was asked for; True once, for one message."""
    return bool(request.session.pop(IDLED, False))


def keep(request: HttpRequest, name: str, value: Any) -> None:
    """Keep a secret (`KEY`, `CODES`) sealed in the session."""
    request.session[name] = seal(value)


def kept(request: HttpRequest, name: str) -> Any | None:
    """The secret kept as `name`, or None."""
    sealed = request.session.get(name)
    return unseal(sealed) if sealed else None


def _silent_seconds(session: SessionBase) -> int:
    now = int(time.time())
    return now - int(session.get(SEEN, now))


def _note(user: User, now: datetime) -> dict[str, Any]:
    return {
        "user": user.pk,
        "password": user.get_session_auth_hash(),
        "until": (now + PENDING_LASTS).isoformat(),
    }


def _noted_user(noted: dict[str, Any] | None, now: datetime) -> User | None:
    if not noted or datetime.fromisoformat(noted["until"]) <= now:
        return None
    user = User.objects.filter(pk=noted["user"], is_active=True, is_staff=True).first()
    return user if user is not None and user.get_session_auth_hash() == noted["password"] else None

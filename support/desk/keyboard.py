"""Keys of the desk: single letters, so whoever is disturbed by them switches them off (WCAG 2.1.4)."""

from django.http import HttpRequest, HttpResponse

# In this browser, for it is about its keyboard or the program that speaks into it.
COOKIE = "support_keys"
_OFF = "off"
_A_YEAR = 365 * 24 * 3600


def are_on(request: HttpRequest) -> bool:
    """Whether letters act on the pages of the desk in this browser."""
    return request.COOKIES.get(COOKIE) != _OFF


def switch(request: HttpRequest, response: HttpResponse, *, on: bool) -> None:
    """Have the browser remember whether letters act."""
    if on:
        response.delete_cookie(COOKIE)
    else:
        response.set_cookie(COOKIE, _OFF, max_age=_A_YEAR, secure=request.is_secure(), httponly=True, samesite="Lax")

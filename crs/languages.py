"""In which language a page speaks: the one chosen on the device, else Czech, or what its browser asks for."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import ResolverMatch
from django.utils.translation import get_language, get_language_info
from django.utils.translation.trans_real import parse_accept_lang_header

# Apps whose every page is for staff.
_STAFF_APPS = frozenset({"accounts", "admin"})
# Taken from a browser without asking: nobody has a browser in one of these by chance. The phones of many Czech
# seniors speak English to servers, so English is chosen by hand.
_ASKED_BY_BROWSERS = frozenset({"cs", "uk", "vi"})


def of_request(request: HttpRequest) -> str:
    """The language chosen on the device, else the first of `Accept-Language` that tells something, else Czech."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in dict(settings.LANGUAGES):
        return chosen
    wanted = parse_accept_lang_header(request.headers.get("Accept-Language", "")[:500])
    codes = (tag.partition("-")[0] for tag, _quality in wanted)
    return next((code for code in codes if code in _ASKED_BY_BROWSERS), settings.LANGUAGE_CODE)


def is_for_staff(page: ResolverMatch | None) -> bool:
    """Whether the page belongs to staff: their pages are in `settings.STAFF_LANGUAGES` alone."""
    return page is not None and (
        getattr(page.func, "is_for_staff", False) or not _STAFF_APPS.isdisjoint(page.app_names)
    )


def offered(request: HttpRequest) -> list[str]:
    """The codes of the languages of this page, in the order of the switch."""
    codes = [code for code, _name in settings.LANGUAGES]
    match = getattr(request, "resolver_match", None)
    return [code for code in codes if code in settings.STAFF_LANGUAGES] if is_for_staff(match) else codes


def choices() -> list[tuple[str, str]]:
    """The languages of messages, each in its own name, for a form of staff."""
    return [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]


def of_two() -> str:
    """Of texts that staff write in Czech and English the language that fits the page: "cs" but on English ones."""
    return "en" if (get_language() or "").startswith("en") else "cs"

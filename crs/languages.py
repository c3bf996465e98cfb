"""In which language a page speaks: the one its address names or that was chosen on the device, else the browser's."""

import unicodedata

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import ResolverMatch
from django.utils.translation import get_language, get_language_info
from django.utils.translation.trans_real import parse_accept_lang_header

# Apps whose every page is for staff.
_STAFF_APPS = frozenset({"accounts", "admin"})
# Taken from a browser without asking: nobody has a browser in one of these by chance. The phones of many Czech
# seniors speak English to servers, so English is chosen by hand.
_ASKED_BY_BROWSERS = frozenset({"cs", "uk", "vi"})


def of_request(request: HttpRequest) -> str:
    """The language of the address, else of the device, else the first of `Accept-Language` that tells something."""
    if named := named_by(request):
        return named
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen in dict(settings.LANGUAGES):
        return chosen
    wanted = parse_accept_lang_header(request.headers.get("Accept-Language", "")[:500])
    codes = (tag.partition("-")[0] for tag, _quality in wanted)
    return next((code for code in codes if code in _ASKED_BY_BROWSERS), settings.LANGUAGE_CODE)


def named_by(request: HttpRequest) -> str:
    """The language that the address names (`?jazyk=vi`); "" where it names none that we speak."""
    code = request.GET.get("jazyk", "")
    return code if code in dict(settings.LANGUAGES) else ""


def remember(response: HttpResponseBase, code: str) -> None:
    """Have the device keep the choice."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=365 * 24 * 3600,
        samesite="Lax",
        secure=not settings.IS_LOCAL,
    )


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
    return [(code, own_name(code)) for code, _name in settings.LANGUAGES]


def own_name(code: str) -> str:
    """The name of a language as those who speak it write it. Django has the Vietnamese one in parts of letters."""
    name: str = unicodedata.normalize("NFC", get_language_info(code)["name_local"])
    return name[:1].upper() + name[1:]


def of_two() -> str:
    """Of texts that staff write in Czech and English the language that fits the page: "cs" but on English ones."""
    return "en" if (get_language() or "").startswith("en") else "cs"

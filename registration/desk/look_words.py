"""What the log of looks says of a page, and of a list that left: the log keeps names, people read words."""

import re

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PAGES: dict[str, str | Promise] = {
    "registration:desk": gettext_lazy("Find a registration"),
    "registration:desk_register": gettext_lazy("Register a caller"),
    "registration:desk_registration": gettext_lazy("The page of a registration"),
    "registration:desk_contact": gettext_lazy("Correct the contact"),
    "registration:desk_correct": gettext_lazy("Correct the person"),
    "registration:desk_end": gettext_lazy("End the registration"),
    "registration:desk_reopen": gettext_lazy("Open the registration again"),
    "registration:desk_merge": gettext_lazy("Join with a second record"),
    "registration:desk_take_apart": gettext_lazy("Take apart"),
    "registration:desk_looks": gettext_lazy("Log of looks"),
    "registration:desk_looks_at": gettext_lazy("Who looked at the person"),
    "registration:desk_claims": gettext_lazy("Other telephones"),
    "registration:desk_claim": gettext_lazy("Registered from another telephone"),
    "registration:desk_requests": gettext_lazy("Requests to line 1221"),
    "registration:desk_request": gettext_lazy("Request to line 1221"),
    "registration:desk_home_visit_list": gettext_lazy("Home visits"),
    "registration:mismatch": gettext_lazy("Mismatch with a register"),
    "registration:mismatch_number": gettext_lazy("Mismatch with a register, the whole number"),
    "registration:mismatch_ask": gettext_lazy("Ask for a document"),
    "registration:letter_returned": gettext_lazy("A letter that came back"),
}
_SCREEN = re.compile(r"admin:(?P<app>[a-z]+)_(?P<model>[a-z]+)_[a-z]+")
_LISTS: dict[str, str | Promise] = {
    "home visits": gettext_lazy("Home visits"),
    "registrations": gettext_lazy("Registrations"),
    "letters, batch": gettext_lazy("Letters, batch"),
}


def add(*, page: str, words: str | Promise, what: str = "") -> None:
    """Name a page of a room above, and the lists that leave it, which begin with `what`."""
    PAGES[page] = words
    if what:
        _LISTS[what] = words


def of_page(name: str) -> str | Promise:
    """The words for the page with this name of address; the name itself where there are none."""
    if found := _SCREEN.fullmatch(name):
        rows = apps.get_model(found["app"], found["model"])._meta.verbose_name_plural
        return _("Administration: %(rows)s") % {"rows": rows}
    return PAGES.get(name, name)


def of_list(what: str) -> str:
    """The words for a list that left, with its district, days or batch."""
    for begin, words in _LISTS.items():
        if what.startswith(begin):
            return what.replace(begin, str(words), 1)
    return what

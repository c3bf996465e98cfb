"""A search that may be for a telephone number or a name, so no address tells it."""

import secrets
from typing import Any

from django.contrib import messages
from django.contrib.admin.views.main import ERROR_FLAG, PAGE_VAR, SEARCH_VAR
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from crs import typed
from crs.admin.screens import ReadOnly
from crs.session_encryption import seal, unseal

SEARCHES = "private_searches"
# A session is no archive: the oldest search is forgotten first.
MOST_SEARCHES = 10
LONGEST = 200


class PrivateSearchAdmin(ReadOnly):
    """A read-only screen whose search may be for a telephone number or a name.

    Django puts what is searched for into the address, where logs and histories keep it. Here the form is
    sent by POST, what was typed waits encrypted in the session, and the address carries its place there.
    """

    change_list_template = "admin/crs/private_search.html"
    search_fields = ("pk",)  # makes Django show the field; search_question asks

    def search_question(self, text: str) -> Q:
        """The filter for the search text `text`; subclasses define it."""
        raise NotImplementedError

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Take a search out of the body of a POST; filters and order stay in the address as they were."""
        if request.method != "POST" or "private_search" not in request.POST:
            return super().changelist_view(request, extra_context)
        address = request.GET.copy()
        for name in (SEARCH_VAR, PAGE_VAR, ERROR_FLAG):
            address.pop(name, None)
        text = typed.plain(request.POST.get(SEARCH_VAR, ""))
        if len(text) > LONGEST:  # a part of it would find other rows
            self.message_user(request, gettext("This is longer than what is searched for here."), messages.WARNING)
        elif text:
            address[SEARCH_VAR] = _remember(request, text)
        return redirect(f"{request.path}?{address.urlencode()}" if address else request.path)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find what the session remembers under the place `search_term`; nothing where it remembers nothing."""
        if not search_term:
            return queryset, False
        sealed = request.session.get(SEARCHES, {}).get(search_term)
        text = unseal(sealed) if sealed else None
        return (queryset.filter(self.search_question(text)) if text else queryset.none()), False


def _remember(request: HttpRequest, text: str) -> str:
    """Keep `text` sealed in the session; return the place where it waits."""
    place = secrets.token_hex(4)
    kept = [*request.session.get(SEARCHES, {}).items(), (place, seal(text))]
    request.session[SEARCHES] = dict(kept[-MOST_SEARCHES:])
    return place

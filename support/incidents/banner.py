"""The known problems as every page shows them: read from the cache alone, so no page pays for a query.

Where the cache is away there is no banner, and the page goes on (docs/adr/0035-known-problems.md).
"""

import logging
from typing import Any

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext as _

from crs import languages
from crs.banners import Audience, Banner
from support.models import Incident

logger = logging.getLogger(__name__)

_KEY = "support:open-incidents"
_KINDS = {Incident.Severity.NOTICE: "info", Incident.Severity.DEGRADED: "warning", Incident.Severity.OUTAGE: "error"}
# Nobody reads more of them above a page; all stand on the page to which each leads.
MOST = 3


def refresh() -> None:
    """Put the problems that last into the cache, the worst and latest first."""
    lasting = sorted(
        Incident.objects.open(),
        key=lambda one: (Incident.Severity.values.index(one.severity), one.began_at),
        reverse=True,
    )
    fields = ("pk", "severity", "title_cs", "title_en", "is_for_citizens")
    cache.set(_KEY, [{name: getattr(one, name) for name in fields} for one in lasting], None)


def current(audience: Audience) -> list[Banner]:
    """The banners of a page, in its language. Never raises."""
    try:
        known = [one for one in cache.get(_KEY, []) if audience is Audience.STAFF or one["is_for_citizens"]]
        return [_banner(one, audience) for one in known[:MOST]]
    except (ValueError, KeyError, TypeError):  # another program, or another release, wrote there
        logger.exception("What the cache knows of known problems cannot be read")
        return []


def _banner(known: dict[str, Any], audience: Audience) -> Banner:
    title = known[f"title_{languages.of_two()}"]
    is_for_staff = audience is Audience.STAFF
    page = reverse("support:incidents" if is_for_staff else "support:state")
    more = "" if is_for_staff else _("We know of it. What it means for you")
    return Banner(_KINDS[known["severity"]], title, f"{page}#problem-{known['pk']}", more)

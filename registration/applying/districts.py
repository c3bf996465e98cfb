"""Districts as people look for them: under their regions, by the Czech alphabet."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crs.czech_order import czech_order
from logistics.models import District


def districts() -> list[tuple[str | Promise, Any]]:
    """All districts under their regions, as choices of a field."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for code, name, region in District.objects.order_by("region", "code").values_list("code", "name", "region__name"):
        regions.setdefault(region, []).append((code, name))
    for districts in regions.values():
        districts.sort(key=lambda district: czech_order(district[1]))
    return [("", _("Choose a district")), *regions.items()]

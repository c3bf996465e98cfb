"""The delivery note: the paper that goes with the goods, to be counted, signed and scanned on the way."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import barcode
from barcode.writer import SVGWriter

from crs.pdf import rendering
from crs.pdf.source import SCHEME
from logistics.models import Material, StockDocument, StockItem, StockMovement, StorageCondition, StorageRule, Store

# Goods leave a store with these documents; others have no delivery note.
KINDS = (StockDocument.Kind.DISPATCH, StockDocument.Kind.ISSUE)
_BARCODE = "number.svg"
# A third of a millimetre is read by every hand scanner and printed by every office printer; the quiet
# zone is ten modules, as ISO/IEC 15417 wants it.
_MODULE_MM = 0.33


@dataclass(frozen=True)
class VaccineLine:
    """A line of vaccine: the vials of one item that go. Of opened vials `vials` is None, and only `doses` count.

    `low` and `high` are °C as printed; empty where no storage rule says them.
    """

    vaccine: str
    batch: str
    expires_on: date | None
    use_by: datetime | None
    storage: StorageCondition
    low: str
    high: str
    vials: int | None
    doses_per_vial: int
    doses: int


@dataclass(frozen=True)
class MaterialLine:
    """A line of material: the pieces that go."""

    material: Material
    pieces: int


def delivery_note_pdf(document: StockDocument, *, language: str) -> bytes:
    """The delivery note of a dispatch or an issue in `language`: A4, PDF/UA-1, as many pages as its lines need.

    The note of a reversed document says so on each page. Raises ValueError for another kind of document, and as
    `rendering.pdf`.
    """
    if document.kind not in KINDS:
        raise ValueError(f"{document} leaves no store")
    return rendering.pdf(
        "logistics/stock/delivery_note/delivery_note.html",
        {**_content(document), "barcode_url": f"{SCHEME}{_BARCODE}"},
        sheet="logistics/stock/delivery_note/delivery_note.css",
        language=language,
        identifier=document.number.encode(),
        pictures={_BARCODE: barcode_picture(document.number)},
    )


def barcode_picture(text: str) -> bytes:
    """The barcode (Code 128) of `text` as SVG, in its printed size."""
    picture = io.BytesIO()
    options = {
        "module_width": _MODULE_MM,
        "module_height": 14.0,
        "quiet_zone": 10 * _MODULE_MM,
        "margin_top": 0,
        "margin_bottom": 0,
        "write_text": False,
    }
    barcode.Code128(text, writer=SVGWriter()).write(picture, options=options)
    return picture.getvalue()


def _content(document: StockDocument) -> dict[str, Any]:
    known = Store.objects.select_related("site__district__region", "site__region", "region")
    stores = known.in_bulk([pk for pk in (document.store_id, document.counterpart_id) if pk])
    movements = document.movements.select_related("item__batch__vaccine", "item__material")
    vaccines = _vaccine_lines(movements, document.happened_on)
    return {
        "document": document,
        "is_issue": document.kind == StockDocument.Kind.ISSUE,
        "sender": stores[document.store_id],
        "recipient": stores.get(document.counterpart_id or 0),
        "vaccines": vaccines,
        "vials": sum(line.vials or 0 for line in vaccines),
        "doses": sum(line.doses for line in vaccines),
        "materials": [
            MaterialLine(movement.item.material, -movement.quantity)
            for movement in movements
            if movement.item.material is not None
        ],
        "reversed_by": StockDocument.objects.filter(reverses=document).first(),
    }


def _vaccine_lines(movements: Iterable[StockMovement], day: date) -> list[VaccineLine]:
    taken = [(movement, movement.item.batch) for movement in movements if movement.item.batch is not None]
    rules = _rules({batch.vaccine_id for _movement, batch in taken}, day)
    lines = [_vaccine_line(movement.item, -movement.quantity, rules) for movement, _batch in taken]
    return sorted(lines, key=lambda line: (line.vaccine, line.batch, line.storage, str(line.use_by)))


def _vaccine_line(item: StockItem, quantity: int, rules: dict[tuple[str, str], StorageRule]) -> VaccineLine:
    batch, per_vial = item.batch, item.doses_per_vial
    rule = rules.get((batch.vaccine_id, item.storage)) if batch else None
    assert batch is not None and per_vial is not None, "item_is_a_vaccine_or_a_material"  # noqa: S101, PT018
    return VaccineLine(
        vaccine=batch.vaccine.name,
        batch=batch.number,
        expires_on=batch.expires_on,
        use_by=item.use_by,
        storage=StorageCondition(item.storage),
        low=_celsius(rule.min_celsius) if rule else "",
        high=_celsius(rule.max_celsius) if rule else "",
        vials=None if item.is_open else quantity,
        doses_per_vial=per_vial,
        doses=item.doses_in(quantity),
    )


def _celsius(degrees: int | None) -> str:
    return "" if degrees is None else str(degrees).replace("-", "−")


def _rules(vaccines: set[str], day: date) -> dict[tuple[str, str], StorageRule]:
    rules = StorageRule.objects.valid_on(day).filter(vaccine__in=vaccines)
    return {(rule.vaccine_id, rule.storage): rule for rule in rules}

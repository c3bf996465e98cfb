"""Recognising a pack: from a scanned code or a typed batch number to the values that fill in a form."""

import contextlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from biip import ParseError
from biip.gtin import Gtin
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crs import keyboards
from crs.typed import CZECH_KEYS, signs_of_a_keyboard, without_marks
from logistics.models import Batch, Pack, StockItem, Vaccine
from logistics.models.vaccines import BATCH_NUMBER
from logistics.vaccines import gs1
from logistics.vaccines.errors import AmbiguousScan, LinearCode, WrongKeyboard
from logistics.vaccines.gs1 import Scan

_GTIN_DIGITS = 14
# Striped codes of packs hold an EAN-13, or that number with 14 digits.
_LINEAR_DIGITS = (13, _GTIN_DIGITS)


# All but the separators of codes, which are spaces to Python.
_SPACES = re.compile(r"[^\S\x1c-\x1f]+")


@dataclass(frozen=True)
class Recognised:
    """A pack with the values that its code and our records give; None and empty where neither says it.

    `expires_on` is ours where the batch is known, because it may have been extended; else the pack's. `notices` say in
    the person's language what is not known, and where the pack and our records differ.
    """

    batch_number: str = ""
    vaccine: Vaccine | None = None
    batch: Batch | None = None
    expires_on: date | None = None
    doses_per_vial: int | None = None
    pack: Pack | None = None
    scan: Scan | None = None
    notices: tuple[str, ...] = ()


def recognise(text: str) -> Recognised:
    """Recognise `text`: the code of a pack in any form that `gs1.read` takes, or a plain batch number.

    A batch number that is not recorded yet is recognised too, without a vaccine. Raises UnreadableScan.
    """
    text = without_marks(text).strip(" \t\r\n")
    typed = _SPACES.sub("", signs_of_a_keyboard(unicodedata.normalize("NFKC", text))).upper()
    batches = _batches(typed) if BATCH_NUMBER.fullmatch(typed) else []
    if batches:
        return _of_batch(typed, batches)
    if not gs1.is_code(text):
        if known := _recorded_by_other_keyboard(typed):
            return _of_batch(known, _batches(known))
        if BATCH_NUMBER.fullmatch(typed):
            return _of_new(typed)
    return _of_scan(_the_scan(text))


def _recorded_by_other_keyboard(typed: str) -> str:
    """The recorded number that a Czech or Slovak keyboard made of `typed`; empty where none is.

    A person there types a hyphen as it is; a scanner means '/' by that key. A digit stands in no text that a scanner
    types there: the keys of digits give signs and letters with accents. Raises WrongKeyboard where accents say that
    it comes from such a keyboard, but not which batch is meant.
    """
    readings = set()
    if not any(map(str.isdecimal, typed)):
        readings.add(typed.translate(CZECH_KEYS))
        with contextlib.suppress(keyboards.KeysExchanged):
            readings.add(keyboards.as_english(typed))
    is_betrayed = keyboards.is_betrayed(typed)
    if is_betrayed and not {"Y", "Z"}.isdisjoint(typed):
        raise WrongKeyboard
    known = [one for one in readings if one != typed and BATCH_NUMBER.fullmatch(one) and _batches(one)]
    if is_betrayed and len(known) != 1:
        raise WrongKeyboard
    return known[0] if len(known) == 1 else ""


def _of_new(number: str) -> Recognised:
    """Recognise a number that no batch has; a long one of digits may be the striped code of a pack."""
    is_linear = number.isdigit() and len(number) in _LINEAR_DIGITS
    return _of_digits(number) if is_linear else _of_batch(number, ())


def _the_scan(text: str) -> Scan:
    """The reading of `text`; of several readings the one whose batch is recorded. Raises UnreadableScan."""
    found = gs1.readings(text)
    if len(found) == 1:
        return found[0]
    known = [scan for scan in found if _batches(scan.batch, _pack(scan.gtin))]
    if len(known) != 1:
        raise AmbiguousScan
    return known[0]


def _of_scan(scan: Scan) -> Recognised:
    pack = _pack(scan.gtin)
    batches = _batches(scan.batch, pack)
    batch = batches[0] if len(batches) == 1 else None
    vaccine = pack.vaccine if pack else batch.vaccine if batch else None
    return Recognised(
        batch_number=scan.batch,
        vaccine=vaccine,
        batch=batch,
        expires_on=batch.expires_on if batch else scan.expires_on,
        doses_per_vial=_doses_per_vial(vaccine, batch, pack),
        pack=pack,
        scan=scan,
        notices=(
            *_about_product(scan, pack, vaccine),
            *_about_batches(scan.batch, batches, pack),
            *_about_expiry(scan, batch),
        ),
    )


def _of_batch(number: str, batches: Sequence[Batch]) -> Recognised:
    batch = batches[0] if len(batches) == 1 else None
    return Recognised(
        batch_number=number,
        vaccine=batch.vaccine if batch else None,
        batch=batch,
        expires_on=batch.expires_on if batch else None,
        doses_per_vial=_doses_per_vial(batch.vaccine, batch, None) if batch else None,
        notices=tuple(_about_batches(number, batches, None)),
    )


def _of_digits(digits: str) -> Recognised:
    """Recognise digits: a striped code names only the product, others are a batch number. Raises LinearCode."""
    pack = _pack(digits.zfill(_GTIN_DIGITS))
    if pack is not None:
        return Recognised(
            vaccine=pack.vaccine,
            doses_per_vial=pack.doses_per_vial,
            pack=pack,
            notices=(str(LinearCode.message),),
        )
    try:
        Gtin.parse(digits)
    except ParseError:
        return _of_batch(digits, ())
    raise LinearCode


def _pack(gtin: str) -> Pack | None:
    return Pack.objects.filter(gtin=gtin).select_related("vaccine").first() if gtin else None


def _batches(number: str, pack: Pack | None = None) -> list[Batch]:
    """The batches of a number; where the pack is known, only those of its vaccine."""
    if not number:
        return []
    found = Batch.objects.filter(number=number).select_related("vaccine")
    return list(found.filter(vaccine=pack.vaccine_id) if pack else found)


def _doses_per_vial(vaccine: Vaccine | None, batch: Batch | None, pack: Pack | None) -> int | None:
    """The doses a vial: as the pack says, else as all vials of the batch came, else as all packs of the vaccine have.

    None where these differ or say nothing.
    """
    if pack is not None:
        return pack.doses_per_vial
    for seen in (StockItem.objects.filter(batch=batch) if batch else None, vaccine.packs.all() if vaccine else None):
        numbers = set(seen.values_list("doses_per_vial", flat=True)) if seen is not None else set()
        if numbers:
            return numbers.pop() if len(numbers) == 1 else None
    return None


def _about_product(scan: Scan, pack: Pack | None, vaccine: Vaccine | None) -> list[str]:
    if not scan.gtin or pack is not None:
        return []
    if vaccine is None:
        return [_("We do not know this pack (GTIN %(gtin)s) yet. Choose the vaccine.") % {"gtin": scan.gtin}]
    return [
        _("We do not know this pack (GTIN %(gtin)s) yet. The vaccine was found by the batch: check that it is right.")
        % {"gtin": scan.gtin}
    ]


def _about_batches(number: str, batches: Sequence[Batch], pack: Pack | None) -> list[str]:
    words = {"batch": number}
    if not number:
        return [_("This code holds no batch number. Type it by hand.")]
    if len(batches) > 1:
        return [_("Batch %(batch)s is recorded for several vaccines. Choose the vaccine.") % words]
    if batches:
        reason = {**words, "reason": batches[0].block_reason}
        if batches[0].is_blocked:
            return [_("Batch %(batch)s is blocked and must not be used. Reason: %(reason)s") % reason]
        return []
    others = [batch.vaccine.name for batch in _batches(number)] if pack else []
    if pack is not None and others:
        return [
            _("The pack is of %(vaccine)s, but batch %(batch)s is recorded for %(other)s. Check both.")
            % {**words, "vaccine": pack.vaccine.name, "other": ", ".join(others)}
        ]
    return [_("Batch %(batch)s is not recorded yet.") % words]


def _about_expiry(scan: Scan, batch: Batch | None) -> list[str]:
    if batch is None or batch.expires_on is None or scan.expires_on in (None, batch.expires_on):
        return []
    words = {"printed": date_format(scan.expires_on, "j. n. Y"), "ours": date_format(batch.expires_on, "j. n. Y")}
    if scan.expires_on < batch.expires_on:
        return [_("The expiry printed on the pack, %(printed)s, was extended to %(ours)s for this batch.") % words]
    return [_("The pack says expiry %(printed)s, our record of the batch says %(ours)s. Check the batch.") % words]

"""Vial sessions: one vial is open at a station; each dose takes from it, until it is empty, thrown away or put aside.

The session counts the doses of one vial; the ledger counts all opened doses of a batch in the store
(docs/adr/0021-a-vial-belongs-to-a-station.md). Both move in one transaction. Locks: docs/locking.md. What the ledger
refuses, every operation here refuses too.
"""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from crs import advisory_locks, sent_forms
from crs.advisory_locks import Lock
from crs.sent_forms import NO_FORM, Outcome
from logistics.models import StockBalance, StockDocument, StockItem, Store, VaccinationSite
from logistics.stock import errors as stock_errors
from logistics.stock import ledger
from logistics.stock.ledger import EntryContext, EntryLine
from vaccination.models import DayClosing, Station, VialSession, VialWaste
from vaccination.vials import errors

End = VialSession.End
Reason = StockDocument.Reason

_WITH_ITEM = ("station__site", "item__batch__vaccine")
# As text, because the ORM took a seventh of a dose to spell it (docs/performance.md). It is
# `with_rest` and `_ended_when_empty`.
_DRAW = """
UPDATE vaccination_vialsession SET given = given + 1,
    ended_at = CASE WHEN doses = given + wasted + 1 THEN coalesce(ended_at, %(at)s) ELSE ended_at END,
    "end" = CASE WHEN doses = given + wasted + 1 AND "end" <> 'WASTED' THEN 'EMPTY' ELSE "end" END
WHERE id = %(vial)s AND doses > given + wasted AND (ended_at IS NULL OR ended_at >= %(at)s)
"""
_ONE_OF_DAY = """
SELECT v.* FROM vaccination_vialsession v JOIN vaccination_station s ON s.id = v.station_id
WHERE v.id = %(vial)s AND s.site_id = %(site)s AND v.opened_at < %(ends)s
    AND (v.opened_at >= %(begins)s OR v.ended_at IS NULL OR v.ended_at >= %(begins)s)
"""
_LAST_DOSE = Q(doses=F("given") + F("wasted") + 1)


def store_of(site: VaccinationSite) -> Store:
    """The store from which the site's stations take. Raises SiteHasNoStore."""
    store = Store.objects.filter(site=site).first()
    if store is None:
        raise errors.SiteHasNoStore
    return store


def open_at(station: Station) -> VialSession | None:
    """The vial that is open at the station, also where its clock has run out."""
    return VialSession.objects.open().filter(station=station).select_related(*_WITH_ITEM).first()


def of_day(site: VaccinationSite, day: date) -> list[VialSession]:
    """The vials that were opened at the site on the Prague `day`, and those that are still open from before."""
    return list(rows_of_day(site, day).select_related("opened_by"))


def rows_of_day(site: VaccinationSite, day: date) -> QuerySet[VialSession]:
    """The same as a query."""
    begins, ends = _bounds(day)
    of_that_day = Q(opened_at__gte=begins) | Q(ended_at=None) | Q(ended_at__gte=begins)
    found = VialSession.objects.filter(of_that_day, station__site=site, opened_at__lt=ends)
    return found.select_related(*_WITH_ITEM).order_by("station__name__czech", "opened_at")


def one_of_day(site: VaccinationSite, day: date, key: UUID) -> VialSession | None:
    """The vial of the key if it is one of `rows_of_day`, without what belongs to it; each dose asks."""
    begins, ends = _bounds(day)
    told = {"vial": key, "site": site.pk, "begins": begins, "ends": ends}
    return next(iter(VialSession.objects.raw(_ONE_OF_DAY, told)), None)


def _bounds(day: date) -> tuple[datetime, datetime]:
    """When the Prague `day` begins and ends."""
    begins, ends = (datetime.combine(day + timedelta(days=days), time.min) for days in (0, 1))
    return timezone.make_aware(begins), timezone.make_aware(ends)


def with_rest(site: VaccinationSite) -> list[VialSession]:
    """The ended vials of the site that still hold doses, of whatever day: to be taken up or thrown away."""
    found = VialSession.objects.with_rest().filter(station__site=site, ended_at__isnull=False)
    return list(found.select_related(*_WITH_ITEM, "opened_by").order_by("opened_at"))


def open_vial(
    *,
    station: Station,
    item: StockItem,
    doses: int | None = None,
    context: EntryContext,
    opened_at: datetime | None = None,
) -> VialSession:
    """Open a vial of the closed `item` at the station; `doses` are drawn from it, by default as delivered for.

    A vial whose clock has run out is ended by it. `opened_at` is for a vial that was opened earlier, as in an outage:
    its clock began then. Where another vial is open now, or the clock has run out since, the earlier one is ended at
    once, and its doses can still be recorded. Raises SiteHasNoStore, StationClosed, StationHasOpenVial,
    VialDayIsClosed.
    """
    made: list[VialSession] = []

    def write() -> Outcome:
        _hold_open_day(station.site, opened_at or context.moment)
        made.append(_opened(station, item, doses, opened_at, context))
        return {"vial": str(made[0].pk)}

    outcome = sent_forms.once(context.form, write) or {}
    return made[0] if made else VialSession.objects.get(pk=outcome["vial"])


def open_for_correction(
    *, station: Station, item: StockItem, opened_at: datetime, context: EntryContext
) -> VialSession:
    """Open a vial that was opened unrecorded, also on a closed day: a correction tells what really happened.

    It is put aside at once where nothing has ended it. Runs in the caller's transaction, which holds the lock of that
    day. Raises SiteHasNoStore, StationClosed.
    """
    return _opened(station, item, None, opened_at, context)


def put_aside(*, vial: VialSession, at: datetime) -> None:
    """Put an open vial aside `at` the moment, also on a closed day. Runs in the transaction of a correction."""
    VialSession.objects.open().filter(pk=vial.pk).update(ended_at=at, end=End.PUT_ASIDE)


def draw(*, vial: VialSession, at: datetime) -> None:
    """Take the dose that was given `at` from the vial; the last one ends it. Runs in the caller's transaction.

    The stock is the caller's: it records the consumption of the dose. A vial that was ended later than `at` still gives
    what is left in it, so that a dose can be recorded late or corrected. Raises VialEmpty, VialEnded, VialOutOfTime,
    NotOpenYet.
    """
    if at < vial.opened_at:
        raise errors.NotOpenYet(opened_at=vial.opened_at)
    if vial.item.use_by is not None and vial.item.use_by < at:
        raise errors.VialOutOfTime(use_by=vial.item.use_by)
    with connection.cursor() as cursor:
        # The WHERE clause is the check: whoever comes second for the last dose, or after the end, finds no row.
        cursor.execute(_DRAW, {"vial": vial.pk, "at": at})
        if not cursor.rowcount:
            raise _refusal(vial, at)


def put_back(*, vial: VialSession) -> None:
    """Give back a dose that was not drawn after all. Runs in the caller's transaction, which reverses its consumption.

    A vial that had been empty is then put aside with that dose in it. Raises NoDoseToPutBack.
    """
    was_empty = Q(end=End.EMPTY)
    changed = VialSession.objects.filter(pk=vial.pk, given__gt=0).update(
        given=F("given") - 1,
        ended_at=Case(When(was_empty, then=Value(timezone.now())), default=F("ended_at")),
        end=Case(When(was_empty, then=Value(End.PUT_ASIDE.value)), default=F("end")),
    )
    if not changed:
        raise errors.NoDoseToPutBack


def end(*, vial: VialSession, how: str, context: EntryContext, waste_reason: str = "") -> VialSession:
    """End an open vial, or throw away the rest of one that was put aside or ran out of time.

    `how` is OUT_OF_TIME, WASTED or PUT_ASIDE. With a `waste_reason` the rest is written off in the ledger too; WASTED
    needs one, and what is put aside stays in the stock. Raises WasteNeedsReason, DayIsClosed, NothingLeft.
    """
    if how == End.WASTED and not waste_reason:
        raise errors.WasteNeedsReason

    def write() -> Outcome:
        _hold_open_day(vial.station.site, context.moment)
        row = _locked(vial)
        is_thrown_away = bool(waste_reason) and how != End.PUT_ASIDE
        if row.left == 0 or (row.ended_at is not None and not is_thrown_away):
            raise errors.NothingLeft
        rest = row.left
        row.wasted += rest if is_thrown_away else 0
        row.end = how if row.end in ("", End.PUT_ASIDE) else row.end
        row.ended_at = row.ended_at or context.moment
        row.save(update_fields=["wasted", "end", "ended_at"])
        if is_thrown_away:
            _waste(row, rest, waste_reason, context)
        return {}

    sent_forms.once(context.form, write)
    vial.refresh_from_db()
    return vial


def spoil_dose(*, vial: VialSession, context: EntryContext, reason: str = Reason.SPOILED) -> VialSession:
    """Throw away one dose of an open vial: a syringe broke, or fewer doses were in it. The last one ends the vial.

    Raises DayIsClosed, VialEmpty, VialEnded.
    """

    def write() -> Outcome:
        _hold_open_day(vial.station.site, context.moment)
        usable = VialSession.objects.open().with_rest().filter(pk=vial.pk)
        if not usable.update(wasted=F("wasted") + 1, **_ended_when_empty(context.moment)):
            raise _refusal(vial, context.moment)
        _waste(vial, 1, reason, context)
        return {}

    sent_forms.once(context.form, write)
    vial.refresh_from_db()
    return vial


def take_back_waste(*, vial: VialSession, context: EntryContext) -> VialSession:
    """Reverse the latest waste of the vial: its doses were given, or never thrown away. They are in the vial again.

    One that was ended by it is put aside then, so that late doses can be recorded; what is left is thrown away again.
    What was thrown away with it, as at the end of a day, stays so. Raises NoWaste, VialDayIsClosed.
    """

    def write() -> Outcome:
        found = _latest_waste(vial).document
        _hold_open_day(vial.station.site, found.happened_at or found.recorded_at)
        row = _locked(vial)
        waste = _latest_waste(row)
        doses = _reverse_for(waste, row.item, context)
        row.wasted -= doses
        if row.end in (End.WASTED, End.EMPTY):
            row.end, row.ended_at = End.PUT_ASIDE, context.now
        row.save(update_fields=["wasted", "end", "ended_at"])
        return {}

    sent_forms.once(context.form, write)
    vial.refresh_from_db()
    return vial


def _latest_waste(vial: VialSession) -> VialWaste:
    """The latest waste of the vial that was not reversed. Raises NoWaste."""
    standing = StockDocument.objects.not_reversed()
    waste = vial.wastes.filter(document__in=standing).select_related("document__store").order_by("-pk").first()
    if waste is None:
        raise errors.NoWaste
    return waste


def _reverse_for(waste: VialWaste, item: StockItem, context: EntryContext) -> int:
    """Reverse the waste of one vial and return its doses; what its document holds of others is wasted again."""
    document = waste.document
    thrown = {one.item: -one.quantity for one in document.movements.select_related("item")}
    # The stock may have held fewer of them, where somebody had moved opened doses by hand.
    doses = min(waste.doses, thrown[item])
    others = [EntryLine(one, many) for one, many in {**thrown, item: thrown[item] - doses}.items() if many]
    if others:
        # Two entries: what both move is locked before, in the order of docs/locking.md.
        StockDocument.objects.select_for_update(no_key=True).get(pk=document.pk)
        moved = StockBalance.objects.filter(store=document.store_id, item__movements__document=document)
        list(moved.select_for_update(no_key=True, of=("self",)).order_by("store_id", "item_id"))
    ledger.reverse(document=document, context=replace(context, form=NO_FORM, happened_at=None))
    if others:
        at = document.happened_at or document.recorded_at
        again = EntryContext(by=context.by, now=context.now, note=document.note, happened_at=at)
        left = ledger.waste(store=document.store, lines=others, reason=document.reason, context=again)
        VialWaste.objects.filter(document=document).exclude(pk=waste.pk).update(document=left)
    return doses


def add_extra_dose(*, vial: VialSession, context: EntryContext) -> VialSession:
    """Count one more dose than was drawn at the opening. A vial that had just become empty is open again.

    Raises VialDayIsClosed, VialOutOfTime, VialEnded, StationHasOpenVial, and WrongDoses where so many cannot be in a
    vial.
    """

    def write() -> Outcome:
        _hold_open_day(vial.station.site, context.now)
        station = _lock_open_station(vial.station)
        row = _locked(vial)
        if row.is_out_of_time(context.now):
            raise errors.VialOutOfTime(use_by=row.item.use_by or context.now)
        if row.ended_at is not None and row.end != End.EMPTY:
            raise errors.VialEnded(at=row.ended_at)
        most = row.item.most_doses_in(1)
        if row.doses >= most:
            raise stock_errors.WrongDoses(most=most)
        if row.ended_at is not None and _standing_at(station, now=context.now):
            raise errors.StationHasOpenVial
        row.doses, row.ended_at, row.end = row.doses + 1, None, ""
        row.save(update_fields=["doses", "ended_at", "end"])
        entry = replace(context, form=NO_FORM)
        ledger.add_extra_dose(store=store_of(station.site), item=row.item, doses=1, context=entry)
        return {}

    sent_forms.once(context.form, write)
    vial.refresh_from_db()
    return vial


def take_up(*, vial: VialSession, station: Station, context: EntryContext) -> VialSession:
    """Go on with a vial that was put aside, at any station of its site.

    Raises VialDayIsClosed, StillOpen, VialEmpty, VialEnded, VialOutOfTime, NotAtThisSite, StationClosed,
    StationHasOpenVial.
    """

    def write() -> Outcome:
        _hold_open_day(station.site, context.now)
        _lock_open_station(station)
        row = _locked(vial)
        if row.station.site_id != station.site_id:
            raise errors.NotAtThisSite
        if row.ended_at is None:
            raise errors.StillOpen
        if row.end != End.PUT_ASIDE:
            raise errors.VialEnded(at=row.ended_at)
        if row.left == 0:
            raise errors.VialEmpty
        if row.is_out_of_time(context.now):
            raise errors.VialOutOfTime(use_by=row.item.use_by or context.now)
        if _standing_at(station, now=context.now):
            raise errors.StationHasOpenVial
        row.station, row.ended_at, row.end = station, None, ""
        row.save(update_fields=["station", "ended_at", "end"])
        return {}

    sent_forms.once(context.form, write)
    vial.refresh_from_db()
    return vial


def _hold_open_day(site: VaccinationSite, at: datetime) -> None:
    """Keep the day from being closed until the commit, as that throws away what is left. Raises VialDayIsClosed."""
    day = timezone.localdate(at)
    advisory_locks.take_shared(Lock.DAY_OF_A_SITE, f"{site.pk} {day}")
    if DayClosing.objects.is_closed(site, day):
        raise errors.VialDayIsClosed


def _opened(
    station: Station, item: StockItem, doses: int | None, opened_at: datetime | None, context: EntryContext
) -> VialSession:
    _lock_open_station(station)
    standing = _standing_at(station, now=context.now)
    if standing is not None and opened_at is None:
        raise errors.StationHasOpenVial
    entry = replace(context, form=NO_FORM, happened_at=opened_at or context.happened_at)
    opening = ledger.open_vials(store=store_of(station.site), item=item, vials=1, doses=doses, context=entry)
    drawn = opening.movements.select_related("item__batch__vaccine").get(quantity__gt=0)
    # Beside a vial that is open, or after its clock, the earlier one is ended from the start.
    is_over = drawn.item.use_by is not None and drawn.item.use_by < context.now
    how = End.OUT_OF_TIME if is_over else End.PUT_ASIDE if standing is not None else ""
    return VialSession.objects.create(
        station=station,
        item=drawn.item,
        opening=opening,
        opened_at=entry.moment,
        opened_by=context.by,
        doses=drawn.quantity,
        ended_at=context.now if how else None,
        end=how,
    )


def _lock_open_station(station: Station) -> Station:
    """Make those who open, take up or close at one station wait for each other. Raises StationClosed."""
    row = Station.objects.select_for_update(no_key=True).filter(pk=station.pk, closed_at=None).first()
    if row is None:
        raise errors.StationClosed
    return row


def _standing_at(station: Station, *, now: datetime) -> VialSession | None:
    """The vial that is open at the locked station. One whose clock has run out is ended; its rest is to be wasted."""
    standing = VialSession.objects.open().filter(station=station).select_for_update(no_key=True, of=("self",))
    row = standing.select_related("item").first()
    if row is None or not row.is_out_of_time(now):
        return row
    row.ended_at, row.end = row.item.use_by, End.OUT_OF_TIME
    row.save(update_fields=["ended_at", "end"])
    return None


def _locked(vial: VialSession) -> VialSession:
    rows = VialSession.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related(*_WITH_ITEM).get(pk=vial.pk)


def _ended_when_empty(at: datetime) -> dict[str, Case]:
    """Further columns of an UPDATE that takes one dose: with the last one the vial is empty."""
    return {
        "ended_at": Case(When(_LAST_DOSE, then=Coalesce("ended_at", Value(at))), default=F("ended_at")),
        "end": Case(When(_LAST_DOSE & ~Q(end=End.WASTED), then=Value(End.EMPTY.value)), default=F("end")),
    }


def _refusal(vial: VialSession, at: datetime) -> errors.VialError:
    """Why the vial gives no dose that was given `at`."""
    row = VialSession.objects.get(pk=vial.pk)
    if row.left and row.ended_at is not None:
        return errors.VialEnded(at=row.ended_at)
    return errors.VialEmpty()


def _waste(vial: VialSession, doses: int, reason: str, context: EntryContext) -> None:
    document = ledger.waste(
        store=store_of(vial.station.site),
        lines=[EntryLine(vial.item, doses)],
        reason=reason,
        context=replace(context, form=NO_FORM),
    )
    VialWaste.objects.create(vial=vial, document=document, doses=doses)

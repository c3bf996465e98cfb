"""The operations of reservation, as the history names them."""

from django.utils.translation import pgettext_lazy

from crs import history


class Operation(history.Operation):
    """A code stands in the history for good: it is never changed."""

    # `hold` has none, for its one statement is the busiest of all. It writes the first version of a hold, and the
    # last one of an earlier hold of the person (docs/history.md).
    CONFIRM = "reservation.confirm"
    RELEASE = "reservation.release"
    RELEASE_EXPIRED = "reservation.release_expired"
    # What staff arrange; as part of another operation, such as a check-in, it goes by that one's name.
    SEAT_TODAY = "reservation.seat_today"
    SEAT_BACK = "reservation.seat_back"
    MOVE = "reservation.move"
    BOOK_NEXT = "reservation.book_next"
    FULFIL = "reservation.fulfil"
    UNFULFIL = "reservation.unfulfil"
    RELEASE_SERIES = "reservation.release_series"
    RENUMBER = "reservation.renumber"
    MISS = "reservation.miss"
    PLAN_RULE = "reservation.plan_rule"
    WITHDRAW_RULE = "reservation.withdraw_rule"
    CLOSE = "reservation.close"
    LIFT_CLOSURE = "reservation.lift_closure"
    POSTPONE = "reservation.postpone"
    WITHDRAW_POSTPONEMENT = "reservation.withdraw_postponement"
    # What people change themselves, and staff for them.
    CHANGE_TIMES = "reservation.change_times"
    CANCEL_TIMES = "reservation.cancel_times"
    # A substitute has a seat of today, and gives it back.
    SUBSTITUTE_COMES = "reservation.substitute_comes"
    SUBSTITUTE_DECLINES = "reservation.substitute_declines"
    REPLAN = "reservation.replan"
    UNDO_REPLAN = "reservation.undo_replan"


history.add_names(
    {
        Operation.CONFIRM: pgettext_lazy("history", "reservation confirmed"),
        Operation.RELEASE: pgettext_lazy("history", "places given back"),
        Operation.RELEASE_EXPIRED: pgettext_lazy("history", "places given back: not confirmed in time"),
        Operation.SEAT_TODAY: pgettext_lazy("history", "place found for today"),
        Operation.SEAT_BACK: pgettext_lazy("history", "today's place given back"),
        Operation.MOVE: pgettext_lazy("history", "time moved"),
        Operation.BOOK_NEXT: pgettext_lazy("history", "time of the next dose booked"),
        Operation.FULFIL: pgettext_lazy("history", "dose given"),
        Operation.UNFULFIL: pgettext_lazy("history", "dose taken back"),
        Operation.RELEASE_SERIES: pgettext_lazy("history", "later times given back"),
        Operation.RENUMBER: pgettext_lazy("history", "doses counted anew"),
        Operation.MISS: pgettext_lazy("history", "did not come"),
        Operation.PLAN_RULE: pgettext_lazy("history", "opening hours planned"),
        Operation.WITHDRAW_RULE: pgettext_lazy("history", "opening hours ended"),
        Operation.CLOSE: pgettext_lazy("history", "time closed"),
        Operation.LIFT_CLOSURE: pgettext_lazy("history", "time opened again"),
        Operation.POSTPONE: pgettext_lazy("history", "doses postponed"),
        Operation.WITHDRAW_POSTPONEMENT: pgettext_lazy("history", "postponement taken back"),
        Operation.CHANGE_TIMES: pgettext_lazy("history", "times changed"),
        Operation.CANCEL_TIMES: pgettext_lazy("history", "times cancelled"),
        Operation.SUBSTITUTE_COMES: pgettext_lazy("history", "comes as a substitute"),
        Operation.SUBSTITUTE_DECLINES: pgettext_lazy("history", "does not come as a substitute"),
        Operation.REPLAN: pgettext_lazy("history", "times of many people moved at once"),
        Operation.UNDO_REPLAN: pgettext_lazy("history", "move of many people's times taken back"),
    }
)

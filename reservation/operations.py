"""The operations of reservation, as the history names them."""

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

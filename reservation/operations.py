"""The operations of reservation, as the history names them."""

from crs import history


class Operation(history.Operation):
    """A code stands in the history for good: it is never changed."""

    # `hold` has none: every reservation begins with it, and its one statement is the busiest of all.
    CONFIRM = "reservation.confirm"
    RELEASE = "reservation.release"
    RELEASE_EXPIRED = "reservation.release_expired"

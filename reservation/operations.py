"""The operations of reservation, as the history names them."""

from crs import history


class Operation(history.Operation):
    """A code stands in the history for good: it is never changed."""

    # `hold` has none, for its one statement is the busiest of all. It writes the first version of a hold, and the
    # last one of an earlier hold of the person (docs/history.md).
    CONFIRM = "reservation.confirm"
    RELEASE = "reservation.release"
    RELEASE_EXPIRED = "reservation.release_expired"

"""The operations of support, as the history names them."""

from crs import history


class Operation(history.Operation):
    """A code stands in the history for good: it is never changed."""

    OPEN = "support.open"
    FILE_LETTER = "support.file_letter"
    ANSWER = "support.answer"
    NOTE = "support.note"
    CLAIM = "support.claim"
    ASSIGN = "support.assign"
    ESCALATE = "support.escalate"
    HAND_BACK = "support.hand_back"
    SORT = "support.sort"  # desk, category, priority, site
    RESOLVE = "support.resolve"
    CLOSE = "support.close"
    REOPEN = "support.reopen"
    MERGE = "support.merge"
    TAKE_APART = "support.take_apart"
    LINK = "support.link"
    RUN_INCIDENT = "support.run_incident"
    ERASE = "support.erase"

"""The operations of support, as the history names them."""

from django.utils.translation import pgettext_lazy

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


history.add_names(
    {
        Operation.OPEN: pgettext_lazy("history", "ticket opened"),
        Operation.FILE_LETTER: pgettext_lazy("history", "letter filed"),
        Operation.ANSWER: pgettext_lazy("history", "answered"),
        Operation.NOTE: pgettext_lazy("history", "note written"),
        Operation.CLAIM: pgettext_lazy("history", "taken over"),
        Operation.ASSIGN: pgettext_lazy("history", "given to somebody"),
        Operation.ESCALATE: pgettext_lazy("history", "handed to a higher level"),
        Operation.HAND_BACK: pgettext_lazy("history", "handed back"),
        Operation.SORT: pgettext_lazy("history", "sorted"),
        Operation.RESOLVE: pgettext_lazy("history", "resolved"),
        Operation.CLOSE: pgettext_lazy("history", "closed"),
        Operation.REOPEN: pgettext_lazy("history", "opened again"),
        Operation.MERGE: pgettext_lazy("history", "merged with another ticket"),
        Operation.TAKE_APART: pgettext_lazy("history", "taken apart again"),
        Operation.LINK: pgettext_lazy("history", "person linked"),
        Operation.RUN_INCIDENT: pgettext_lazy("history", "known problem changed"),
        Operation.ERASE: pgettext_lazy("history", "texts erased"),
    }
)

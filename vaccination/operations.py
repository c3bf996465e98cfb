"""The operations of vaccination, as the history names them."""

from django.utils.translation import pgettext_lazy

from crs import history


class Operation(history.Operation):
    """A code stands in the history for good: it is never changed."""

    CHECK_IN = "vaccination.check_in"
    UNDO_CHECK_IN = "vaccination.undo_check_in"
    SEND_AWAY = "vaccination.send_away"
    RECORD_DOSE = "vaccination.record_dose"
    CORRECT_DOSE = "vaccination.correct_dose"
    ANNUL_DOSE = "vaccination.annul_dose"
    LEAVE = "vaccination.leave"
    TAKE_LEAVE_BACK = "vaccination.take_leave_back"
    PROLONG_OBSERVATION = "vaccination.prolong_observation"
    REPORT_EVENT = "vaccination.report_event"
    CORRECT_OUTCOME = "vaccination.correct_outcome"
    NULLIFY_EVENT = "vaccination.nullify_event"
    CLOSE_DAY = "vaccination.close_day"
    REOPEN_DAY = "vaccination.reopen_day"


history.add_names(
    {
        Operation.CHECK_IN: pgettext_lazy("history", "checked in"),
        Operation.UNDO_CHECK_IN: pgettext_lazy("history", "check-in taken back"),
        Operation.SEND_AWAY: pgettext_lazy("history", "sent away"),
        Operation.RECORD_DOSE: pgettext_lazy("history", "dose recorded"),
        Operation.CORRECT_DOSE: pgettext_lazy("history", "dose corrected"),
        Operation.ANNUL_DOSE: pgettext_lazy("history", "dose annulled"),
        Operation.LEAVE: pgettext_lazy("history", "left after the observation"),
        Operation.TAKE_LEAVE_BACK: pgettext_lazy("history", "leaving taken back"),
        Operation.PROLONG_OBSERVATION: pgettext_lazy("history", "observation prolonged"),
        Operation.REPORT_EVENT: pgettext_lazy("history", "adverse event reported"),
        Operation.CORRECT_OUTCOME: pgettext_lazy("history", "outcome of a reaction corrected"),
        Operation.NULLIFY_EVENT: pgettext_lazy("history", "report of an adverse event nullified"),
        Operation.CLOSE_DAY: pgettext_lazy("history", "day closed"),
        Operation.REOPEN_DAY: pgettext_lazy("history", "day opened again"),
    }
)

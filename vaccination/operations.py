"""The operations of vaccination, as the history names them."""

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

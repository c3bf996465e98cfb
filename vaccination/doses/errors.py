"""Refusals of recording and correcting a dose."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from crs.typed_moment import written
from vaccination.errors import VaccinationError
from vaccination.models import Dose

if TYPE_CHECKING:
    from vaccination.doses.guards import Finding


class DoseRefused(VaccinationError):
    """Rules stop the dose, or nobody gave a reason to override one; `findings` are those that stand in the way."""

    def __init__(self, findings: Sequence["Finding"]) -> None:
        super().__init__([finding.rule for finding in findings])
        self.findings = list(findings)
        self.message = " ".join(finding.text for finding in findings)


class AlreadyRecorded(DoseRefused):
    """The visit has its dose: a second tab or a second nurse was quicker. `dose` is that one."""

    def __init__(self, dose: Dose, findings: Sequence["Finding"]) -> None:
        super().__init__(findings)
        self.dose = dose


class NotCorrectable(VaccinationError):
    """The dose was annulled, or was not given at a site of ours."""

    message = _("This record was taken back already, or does not come from a site. There is nothing to correct in it.")


class NothingToCorrect(VaccinationError):
    """The correction changes nothing."""

    message = _("Nothing is different from the record. Change what is wrong, or leave the page.")


class CorrectionNeedsReason(VaccinationError):
    """A correction without a reason."""

    message = _("Write the reason: it stays with the record.")


class NumberFollowsTime(VaccinationError):
    """A number that does not fit the order in which the doses were given."""

    def __init__(self, *, number: int) -> None:
        super().__init__(number)
        self.message = _(
            "By the times of all doses of this person this one is number %(number)d. If that is wrong, correct the "
            "time of the dose that has a wrong one; the numbers follow."
        ) % {"number": number}


class OtherDoseThatDay(VaccinationError):
    """The person has another dose on that day."""

    message = _("The person has another dose on that day. One of the two records is wrong: take that one back first.")


class GivenAfterRecording(VaccinationError):
    """The corrected time lies after the recording of the dose."""

    def __init__(self, *, recorded_at: datetime) -> None:
        super().__init__(recorded_at)
        self.message = _(
            "The dose was recorded at %(time)s, so it was not given later. Write when it was really given; if that was "
            "another dose, take this record back and record that one."
        ) % {"time": written(recorded_at)}


class NoVialThatDay(VaccinationError):
    """No vial of that batch was open, and the store holds none that could have been."""

    message = _(
        "The store of the site holds no vial of this batch that could have been opened. Receive it in the stock first, "
        "or check the number of the batch."
    )


class NoTimeNeeded(VaccinationError):
    """A time for a next dose that is not due."""

    message = _("No further dose is due after this one, or its record was taken back. Arrange nothing.")


class AnswersOnPaper(VaccinationError):
    """A late entry of somebody whose answers nobody confirmed."""

    message = _(
        "Nobody has confirmed the answers of this person. If all answers on the paper are no, tick it here; otherwise "
        "check the person in, enter the answers at their page and record the dose there with its time."
    )

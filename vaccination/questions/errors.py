"""Refusals around the questions before a dose."""

from django.utils.translation import gettext_lazy as _

from vaccination.errors import VaccinationError


class QuestionsError(VaccinationError):
    """Answers that cannot be written; nothing was."""


class NoQuestions(QuestionsError):
    """No version of the questions had begun on the day."""

    way_back = "home"
    message = _("No questions are valid on this day. The ministry must add a version of the questionnaire.")


class QuestionsChanged(QuestionsError):
    """The answers belong to another version of the questions than the one that is valid."""

    message = _("The questions have changed meanwhile. Please answer those that are new, and send the page again.")


class AnswersMissing(QuestionsError):
    """Not every question has an answer."""

    message = _("Please answer all the questions.")


class AnswersChanged(QuestionsError):
    """The person at home, or a colleague, wrote other answers after the page was shown."""

    message = _("The answers have changed since this page was shown. Please look at them again.")


class NotHere(QuestionsError):
    """The person is not waiting for a dose any more: vaccinated, sent away, or the check-in was taken back."""

    message = _("This person is not waiting for a dose now, so the answers stay as they are.")


class QuestionsAreWithStaff(QuestionsError):
    """The person is at the site; the answers are the staff's business now."""

    way_back = "reservation:confirmed"
    message = _("You have been checked in at the vaccination site. Please tell the staff what has changed.")


class NothingReserved(QuestionsError):
    """There is no appointment to answer the questions for."""

    way_back = "reservation:log_in"
    message = _("You have no vaccination to come, so there is nothing to answer.")

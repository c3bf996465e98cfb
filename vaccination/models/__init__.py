"""The tables of vaccination, by what they are about."""

from vaccination.models.closing import DayClosing
from vaccination.models.doses import Dose, RuleOverride
from vaccination.models.observation import AdverseEvent, AdverseEventAddition, ObservationTime, Reaction
from vaccination.models.questions import AnswerEffect, FilledQuestionnaire, Question, Questionnaire
from vaccination.models.team import HealthWorker, Station
from vaccination.models.timeline import TimelineOpening
from vaccination.models.vials import VialSession, VialWaste
from vaccination.models.visits import Visit

__all__ = [
    "AdverseEvent",
    "AdverseEventAddition",
    "AnswerEffect",
    "DayClosing",
    "Dose",
    "FilledQuestionnaire",
    "HealthWorker",
    "ObservationTime",
    "Question",
    "Questionnaire",
    "Reaction",
    "RuleOverride",
    "Station",
    "TimelineOpening",
    "VialSession",
    "VialWaste",
    "Visit",
]

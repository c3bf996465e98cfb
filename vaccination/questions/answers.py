"""The answers of people before a dose, and their effects on it.

Answers are kept encrypted, as JSON {code: {"answer": "YES", "words": "…"}}. What is written at home is replaced at home
until the person is checked in; the site then confirms it, or writes a row of its own. A confirmed row is never edited.
The meaning of an answer is data (`AnswerEffect`) and depends on the day and the kind of vaccine (DOMAIN 10.1).

Locks: registration (docs/locking.md), so that filling in, confirming and checking in wait for each other.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone

from crs import sent_forms
from crs.sent_forms import Outcome
from logistics.models import Vaccine
from logistics.stock.ledger import EntryContext
from registration.models import Registration
from reservation.models import Appointment
from vaccination.models import AnswerEffect, FilledQuestionnaire, Question, Questionnaire, Visit
from vaccination.models.questions import Answer
from vaccination.questions import errors

Kind = AnswerEffect.Kind

# Codes of questions with the answers that mean something in some version.
Meaning = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Answered:
    """An answer and what the person said with it."""

    answer: Answer
    words: str = ""


@dataclass(frozen=True)
class Effect:
    """The meaning of an answer for a dose. `observe_minutes` is None where the usual time is enough."""

    question: Question
    answer: Answer
    kind: AnswerEffect.Kind
    advice: str
    observe_minutes: int | None
    words: str = ""


# --- reading ------------------------------------------------------------------------------------


def valid_on(day: date) -> Questionnaire:
    """The version asked on `day`. Raises NoQuestions."""
    questionnaire = Questionnaire.objects.valid_on(day)
    if questionnaire is None:
        raise errors.NoQuestions
    return questionnaire


def read(filled: FilledQuestionnaire) -> dict[str, Answered]:
    """The answers by code of question."""
    kept = json.loads(filled.answers)
    return {code: Answered(Answer(said["answer"]), said["words"]) for code, said in kept.items()}


def latest(visit: Visit) -> FilledQuestionnaire | None:
    """The answers confirmed in the visit, else those that wait for it.

    They wait where they were written at home, or confirmed in a check-in of this day that was then taken back. A row
    with `visit == the visit` is confirmed; any other must be confirmed before a dose.
    """
    rows = FilledQuestionnaire.objects.select_related("questionnaire", "filled_by", "confirmed_by")
    confirmed = rows.filter(visit=visit).order_by("-confirmed_at", "-pk").first()
    return confirmed or rows.filter(_waiting_for(visit)).order_by("-filled_at", "-pk").first()


def is_confirmed(filled: FilledQuestionnaire | None, visit: Visit) -> bool:
    """Whether a dose may be given on these answers in the visit."""
    return filled is not None and filled.visit_id == visit.pk


def unanswered(filled: FilledQuestionnaire, *, day: date) -> list[Question]:
    """The questions of the version valid on `day` that `filled` does not answer."""
    said = read(filled)
    return [question for question in valid_on(day).questions.all() if question.code not in said]


def effects(
    filled: FilledQuestionnaire, *, vaccine: Vaccine, day: date, meaning: Meaning | None = None
) -> list[Effect]:
    """The warnings and stops of the answers for a dose of `vaccine` on `day`, the stops first.

    A question means what the version valid on `day` says; one that this version does not ask any more, what the version
    says in which it was answered. Where the caller knows what has any `meaning`, most people cost no query.
    """
    said = read(filled)
    if meaning is not None and not _means_something(said, meaning):
        return []
    asked = {question.code: question for question in _questions(filled.questionnaire)}
    valid = Questionnaire.objects.valid_on(day)
    if valid is not None and valid != filled.questionnaire:
        asked |= {question.code: question for question in _questions(valid) if question.code in said}
    found = [
        effect
        for code, question in asked.items()
        if code in said and (effect := effect_of(question, said[code], vaccine=vaccine, day=day)) is not None
    ]
    return sorted(found, key=lambda effect: (effect.kind != Kind.STOP, effect.question.position))


def effect_of(question: Question, said: Answered, *, vaccine: Vaccine, day: date) -> Effect | None:
    """The effect of one answer; None where it has none.

    Of the effects that had begun, the newest counts. One for the kind of the vaccine goes before one for any vaccine.
    'I do not know' has effects of its own or else is a warning where 'yes' would warn or stop: then somebody must ask.
    """
    own = _row(question, said.answer, vaccine, day)
    row, kind = own, Kind(own.kind) if own else None
    if own is None and said.answer == Answer.UNSURE:
        row = _row(question, Answer.YES, vaccine, day)
        kind = None if row is None or row.kind == Kind.NONE else Kind.WARN
    if row is None or kind is None or kind == Kind.NONE:
        return None
    return Effect(question, said.answer, kind, row.advice, row.observe_minutes, said.words)


# --- writing ------------------------------------------------------------------------------------


def appointment_to_come(registration: Registration) -> Appointment:
    """The appointment that the person fills in the questions for, the next of a confirmed reservation.

    Raises NothingReserved.
    """
    appointment = Appointment.objects.to_come(registration).select_related("slot__site").first()
    if appointment is None:
        raise errors.NothingReserved
    return appointment


def at_home(registration: Registration, *, dose_number: int) -> FilledQuestionnaire | None:
    """The answers written at home before this dose that nobody has confirmed yet."""
    rows = FilledQuestionnaire.objects.select_related("questionnaire")
    return rows.filter(registration=registration, dose_number=dose_number, visit=None).first()


def fill_at_home(
    *, registration: Registration, questionnaire: Questionnaire, answers: Mapping[str, Answered], context: EntryContext
) -> FilledQuestionnaire:
    """Keep the answers of a person at home for their next dose, instead of those they gave before.

    Raises NothingReserved, QuestionsAreWithStaff, QuestionsChanged, AnswersMissing.
    """

    def write() -> Outcome:
        _lock(registration)
        number = appointment_to_come(registration).dose_number
        if Visit.objects.present().filter(registration=registration).exists():
            raise errors.QuestionsAreWithStaff
        text = _checked(questionnaire, answers, day=timezone.localdate(context.now))
        values = {"questionnaire": questionnaire, "answers": text, "filled_at": context.now, "filled_by": None}
        filled, _is_new = FilledQuestionnaire.objects.update_or_create(
            registration=registration, dose_number=number, visit=None, defaults=values
        )
        return {"filled": filled.pk}

    return _outcome(sent_forms.once(context.form, write))


def fill(
    *, visit: Visit, questionnaire: Questionnaire, answers: Mapping[str, Answered], context: EntryContext
) -> FilledQuestionnaire:
    """Keep the answers given at the site, which are confirmed with that. Each call makes a new row.

    Raises NotHere, QuestionsChanged, AnswersMissing.
    """

    def write() -> Outcome:
        _lock_waiting(visit)
        text = _checked(questionnaire, answers, day=visit.day)
        return {"filled": _confirmed(visit, questionnaire, text, context).pk}

    return _outcome(sent_forms.once(context.form, write))


def confirm(*, filled: FilledQuestionnaire, visit: Visit, context: EntryContext) -> FilledQuestionnaire:
    """Confirm in the visit the answers that wait for it (`latest`), as they were read from the database before.

    What was filled in at home becomes the visit's; answers of a check-in that was taken back are copied. Answers that
    are confirmed in this visit already are returned. Raises NotHere, AnswersChanged where they are not the latest or
    not the same any more, QuestionsChanged where the version of the day asks something more.
    """

    def write() -> Outcome:
        _lock_waiting(visit)
        return {"filled": _confirm(_shown(visit, stamp(filled)), visit, context).pk}

    return _outcome(sent_forms.once(context.form, write))


def settle(
    *, visit: Visit, shown: str, questionnaire: Questionnaire, answers: Mapping[str, Answered], context: EntryContext
) -> FilledQuestionnaire:
    """Confirm the answers that the page showed (their `stamp`) where `answers` are still these, else keep new ones.

    Raises NotHere, AnswersChanged, QuestionsChanged, AnswersMissing.
    """

    def write() -> Outcome:
        _lock_waiting(visit)
        filled = _shown(visit, shown)
        if filled is not None and dict(answers) == read(filled):
            return {"filled": _confirm(filled, visit, context).pk}
        text = _checked(questionnaire, answers, day=visit.day)
        return {"filled": _confirmed(visit, questionnaire, text, context).pk}

    return _outcome(sent_forms.once(context.form, write))


def stamp(filled: FilledQuestionnaire | None) -> str:
    """Names answers as they are now, so that a page can say which ones it showed."""
    return f"{filled.pk} {filled.filled_at.isoformat()}" if filled else ""


def _shown(visit: Visit, shown: str) -> FilledQuestionnaire | None:
    """The latest answers, if a page showed these. Raises AnswersChanged."""
    filled = latest(visit)
    if stamp(filled) != shown:
        raise errors.AnswersChanged
    return filled


def _confirm(filled: FilledQuestionnaire | None, visit: Visit, context: EntryContext) -> FilledQuestionnaire:
    if filled is None:
        raise errors.AnswersChanged
    if filled.visit_id == visit.pk:
        return filled
    if unanswered(filled, day=visit.day):
        raise errors.QuestionsChanged
    if filled.visit_id is not None:
        return _confirmed(visit, filled.questionnaire, filled.answers, context)
    filled.visit, filled.confirmed_at, filled.confirmed_by = visit, context.now, context.by
    filled.save(update_fields=["visit", "confirmed_at", "confirmed_by"])
    return filled


def _waiting_for(visit: Visit) -> Q:
    taken_back = Q(visit__state=Visit.State.UNDONE, visit__day=visit.day)
    return Q(Q(visit=None) | taken_back, registration=visit.registration_id, dose_number=visit.appointment.dose_number)


def _questions(questionnaire: Questionnaire) -> Iterable[Question]:
    return questionnaire.questions.prefetch_related("effects")


def _means_something(said: Mapping[str, Answered], meaning: Meaning) -> bool:
    """Whether one of the answers has a meaning, or would have it as a 'yes' (`effect_of`)."""
    return any(
        (code, one.answer) in meaning or (one.answer == Answer.UNSURE and (code, Answer.YES) in meaning)
        for code, one in said.items()
    )


def _row(question: Question, answer: Answer, vaccine: Vaccine, day: date) -> AnswerEffect | None:
    begun = [
        effect
        for effect in question.effects.all()
        if effect.answer == answer and effect.valid_from <= day and effect.platform in ("", vaccine.platform)
    ]
    return max(begun, key=lambda effect: (effect.platform != "", effect.valid_from), default=None)


def _checked(questionnaire: Questionnaire, answers: Mapping[str, Answered], *, day: date) -> str:
    """The answers as they are kept, once they answer each question of the version valid on `day`."""
    if questionnaire != valid_on(day):
        raise errors.QuestionsChanged
    codes = set(questionnaire.questions.values_list("code", flat=True))
    if codes - answers.keys():
        raise errors.AnswersMissing
    return json.dumps({code: asdict(said) for code, said in answers.items() if code in codes}, ensure_ascii=False)


def _confirmed(visit: Visit, questionnaire: Questionnaire, text: str, context: EntryContext) -> FilledQuestionnaire:
    return FilledQuestionnaire.objects.create(
        registration_id=visit.registration_id,
        questionnaire=questionnaire,
        dose_number=visit.appointment.dose_number,
        answers=text,
        filled_at=context.now,
        filled_by=context.by,
        visit=visit,
        confirmed_at=context.now,
        confirmed_by=context.by,
    )


def _lock(registration: Registration) -> None:
    Registration.objects.select_for_update(no_key=True).get(pk=registration.pk)


def _lock_waiting(visit: Visit) -> None:
    """Wait for whoever changes answers or the visit of this person. Raises NotHere."""
    _lock(visit.registration)
    if not Visit.objects.filter(pk=visit.pk, state=Visit.State.ARRIVED).exists():
        raise errors.NotHere


def _outcome(outcome: Outcome | None) -> FilledQuestionnaire:
    filled: FilledQuestionnaire = FilledQuestionnaire.objects.select_related("questionnaire").get(
        pk=(outcome or {})["filled"]
    )
    return filled

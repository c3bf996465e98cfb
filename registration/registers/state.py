"""What a person reads about the checks of their registration."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration.models import PriorityClaim, Register, RegisterCheck, Registration
from registration.registers import checking
from registration.registers.configured import configured

_WORDS: dict[tuple[str, str], str | Promise] = {
    (Register.INSURERS, RegisterCheck.State.WAITING): _(
        "Your details still have to be checked with the register of insured persons. You need not do anything."
    ),
    (Register.INSURERS, RegisterCheck.State.AGREES): _("Your details agree with the register of insured persons."),
    (Register.HEALTH_WORKERS, RegisterCheck.State.WAITING): _(
        "Your profession still has to be checked with the register of health workers. You need not do anything."
    ),
    (Register.HEALTH_WORKERS, RegisterCheck.State.AGREES): _(
        "Your profession agrees with the register of health workers."
    ),
    (Register.INSURERS, RegisterCheck.State.DISAGREES): _(
        "Your details do not agree with the register of insured persons. Your registration holds. Our staff look into "
        "it. Please compare your details with the card of your health insurer; if they differ, call the line 1221."
    ),
    (Register.HEALTH_WORKERS, RegisterCheck.State.DISAGREES): _(
        "Your profession could not be confirmed by the register of health workers. Your registration holds. Our staff "
        "look into it; you can help by calling the line 1221."
    ),
}


def words_of(registration: Registration) -> list[str | Promise]:
    """The state of the newest check with each register, as sentences; nothing where nothing was or need be checked.

    A register that is not asked any more answers nothing: what waits for it is left out.
    """
    checks = RegisterCheck.objects.filter(registration=registration).order_by("register", "-pk").distinct("register")
    known = [one for one in checks if one.state != RegisterCheck.State.WAITING or one.register in configured()]
    return [_WORDS[key] for one in known if (key := (one.register, one.state)) in _WORDS]


def words_before_checks(claims: Iterable[PriorityClaim], *, now: datetime) -> list[str | Promise]:
    """What somebody with an insured person's number and these claims reads before any register has answered."""
    waiting = {Register.INSURERS}
    pending = [claim for claim in claims if claim.state == PriorityClaim.State.PENDING]
    if any(checking.is_proven_by_register(claim, now=now) for claim in pending):
        waiting.add(Register.HEALTH_WORKERS)
    return [_WORDS[one, RegisterCheck.State.WAITING] for one in sorted(waiting.intersection(configured()))]

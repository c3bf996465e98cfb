"""Checks that nobody wants any more, because the registration ended or the claim was withdrawn."""

from registration.models import PriorityClaim, RegisterCheck, Registration

_NOT_DECIDED = (RegisterCheck.State.WAITING, RegisterCheck.State.DISAGREES)


def void(*, registration: Registration, claim: PriorityClaim | None = None) -> None:
    """Void the undecided checks of the registration, or those of one claim, in the caller's transaction."""
    wanted = RegisterCheck.objects.filter(registration=registration, state__in=_NOT_DECIDED)
    if claim is not None:
        wanted = wanted.filter(claim=claim)
    wanted.update(state=RegisterCheck.State.VOID)

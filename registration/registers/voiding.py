"""Checks that nobody wants any more, because the registration ended or the claim was withdrawn; and those back."""

from registration.models import PriorityClaim, RegisterCheck, Registration

_NOT_DECIDED = (RegisterCheck.State.WAITING, RegisterCheck.State.DISAGREES)


def restore_disputes(*, registration: Registration) -> None:
    """Take back that the checks of its disputed claims are void, of each the last one that nobody decided."""
    void_ones = RegisterCheck.objects.filter(
        registration=registration,
        claim__state=PriorityClaim.State.DISPUTED,
        state=RegisterCheck.State.VOID,
        mismatch__isnull=False,
        mismatch__decided_at=None,
    )
    last = void_ones.order_by("claim", "-pk").distinct("claim").values_list("pk", flat=True)
    RegisterCheck.objects.filter(pk__in=list(last)).update(state=RegisterCheck.State.DISAGREES)


def void(*, registration: Registration, claim: PriorityClaim | None = None) -> None:
    """Void the undecided checks of the registration, or those of one claim, in the caller's transaction."""
    wanted = RegisterCheck.objects.filter(registration=registration, state__in=_NOT_DECIDED)
    if claim is not None:
        wanted = wanted.filter(claim=claim)
    wanted.update(state=RegisterCheck.State.VOID)

"""Whether one telephone looks after anybody; the list is `registration.mine`."""

from registration.models import LineRequest, Registration, RegistrationClaim


def is_any(phone: str) -> bool:
    """Whether `phone` has registered anybody: one query."""
    registered = Registration.objects.filter(phone=phone).order_by().values("number")
    claimed = RegistrationClaim.objects.filter(phone=phone, resolved_at=None).values("number")
    asked = LineRequest.objects.filter(phone=phone, resolved_at=None).order_by().values("number")
    return registered.union(claimed, asked, all=True).exists()

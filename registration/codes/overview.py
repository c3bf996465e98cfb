"""What is told of batches and codes: how many were used and when, which are unused, and never by whom."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate

from registration.models import CodeBatch, CodeUse, RegistrationCode


@dataclass(frozen=True)
class BatchUse:
    """The use of a batch: sums over its codes, those that can still be used, and those that were revoked."""

    codes: int
    allowed: int
    used: int
    live: tuple[RegistrationCode, ...]
    cancelled: tuple[RegistrationCode, ...]
    by_day: tuple[tuple[date, int], ...]

    @property
    def left(self) -> int:
        """How many people can still use a code of it."""
        return sum(code.left for code in self.live)


def batches() -> QuerySet[CodeBatch]:
    """All batches, the newest first, each with the sums `code_count`, `allowed` and `used` over its codes."""
    sums = {
        "code_count": Count("codes"),
        "allowed": Coalesce(Sum("codes__allowed"), 0),
        "used": Coalesce(Sum("codes__used"), 0),
    }
    return CodeBatch.objects.select_related("group").annotate(**sums).order_by("-issued_at", "-pk")


def use_of(batch: CodeBatch, *, today: date) -> BatchUse:
    """The use of a batch; two queries."""
    codes = list(batch.codes.select_related("revoked_by").order_by("ending", "pk"))
    is_expired = batch.valid_until is not None and batch.valid_until < today
    days = CodeUse.objects.filter(code__batch=batch).annotate(day=TruncDate("used_at")).values_list("day")
    return BatchUse(
        codes=len(codes),
        allowed=sum(code.allowed for code in codes),
        used=sum(code.used for code in codes),
        live=() if is_expired else tuple(code for code in codes if code.revoked_at is None and code.left),
        cancelled=tuple(code for code in codes if code.revoked_at is not None),
        by_day=tuple(days.annotate(uses=Count("pk")).order_by("-day")),
    )

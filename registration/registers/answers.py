"""Answers of registers as they are kept with their checks."""

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from registration.models import Register, RegisterCheck
from registration.registers.asking import HealthWorker, Insured

_DAYS = ("birth_date", "insured_until", "died_on", "until")


def kept(answer: Insured | HealthWorker | None) -> str | None:
    """The answer as the row keeps it; None: the register does not know the number."""
    return None if answer is None else json.dumps(asdict(answer), cls=DjangoJSONEncoder, ensure_ascii=False)


def answer_of(check: RegisterCheck) -> Insured | HealthWorker | None:
    """What the register said."""
    if not check.answer:
        return None
    said = json.loads(check.answer)
    fields: dict[str, Any] = {
        name: date.fromisoformat(value) if name in _DAYS and value else value for name, value in said.items()
    }
    return Insured(**fields) if check.register == Register.INSURERS else HealthWorker(**fields)

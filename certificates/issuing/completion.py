"""Whether a dose completes the series or comes after it: a certificate of such a dose is due by itself.

The series is complete with the first dose k whose vaccine asks for k doses or fewer; joined rows are one person.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from vaccination.models import Dose

# Of a dose `d` and the row `p` of its person.
EARLIER_COMPLETES = """EXISTS (
    SELECT FROM vaccination_dose e JOIN logistics_vaccine ev ON ev.code = e.vaccine_id
    WHERE e.state = 'VALID' AND e.number < d.number AND e.number >= ev.doses AND e.person_id IN (
        SELECT m.id FROM registration_person m
        WHERE m.id = coalesce(p.merged_into_id, p.id) OR m.merged_into_id = coalesce(p.merged_into_id, p.id)))"""
# And of its vaccine `v`.
COMPLETES = f"(d.number >= v.doses OR {EARLIER_COMPLETES})"
_COMPLETING = f"""
SELECT d.id FROM vaccination_dose d
JOIN registration_person p ON p.id = d.person_id
JOIN logistics_vaccine v ON v.code = d.vaccine_id
WHERE d.id = ANY(%s) AND d.state = 'VALID' AND {COMPLETES}
"""  # noqa: S608


def series_length(doses_of_vaccines: Iterable[int]) -> int | None:
    """After how many doses the series was complete, by what the vaccines of the doses ask for, in their order."""
    return next((place for place, doses in enumerate(doses_of_vaccines, start=1) if doses <= place), None)


def is_first_of_several(dose: Dose) -> bool:
    """Whether it surely completes nothing, which is seen without a query."""
    return dose.number == 1 and dose.vaccine.doses > 1


def completing(doses: Iterable[UUID]) -> set[UUID]:
    """Those of the doses that complete a series or are boosters; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPLETING, [list(doses)])
        return {pk for (pk,) in cursor}

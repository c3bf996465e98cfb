"""Which group a person waits in."""

from datetime import date

import pytest
from registration.groups.priority import decide, set_open

from registration.groups.errors import TooYoung
from registration.models import PriorityGroup

TODAY = date(2026, 11, 22)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("born", "group"),
    [
        (date(1946, 11, 22), "age-80"),
        (date(1946, 11, 23), "age-70"),
        (date(1960, 1, 1), "age-65"),
        (date(1965, 1, 1), "age-60"),
        (date(2010, 11, 22), "age-16"),
    ],
)
def test_age_is_counted_in_completed_years(born: date, group: str) -> None:
    assert decide(birth_date=born, reason=None, today=TODAY).code == group


@pytest.mark.django_db
def test_under_16_is_refused_to_the_day() -> None:
    with pytest.raises(TooYoung):
        decide(birth_date=date(2010, 11, 23), reason=None, today=TODAY)


@pytest.mark.django_db
def test_the_higher_score_of_age_and_reason_counts() -> None:
    carer = PriorityGroup.objects.get(code="carers")
    assert decide(birth_date=date(1985, 1, 1), reason=carer, today=TODAY) == carer
    assert decide(birth_date=date(1940, 1, 1), reason=carer, today=TODAY).code == "age-80"


@pytest.mark.django_db
def test_at_the_launch_only_80_and_more_is_open() -> None:
    assert [group.code for group in PriorityGroup.objects.filter(is_open=True)] == ["age-80"]


@pytest.mark.django_db
def test_a_group_is_opened_once_and_history_knows() -> None:
    assert set_open(code="age-70", is_open=True)
    assert not set_open(code="age-70", is_open=True)
    group = PriorityGroup.objects.get(code="age-70")
    assert group.is_open
    assert group.events.filter(pgh_label="update").count() == 1  # type: ignore[attr-defined]

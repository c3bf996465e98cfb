"""Queries whose SQL is kept come to the same as those of the ORM."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from crs.prepared_queries import Given, Prepared, keep
from logistics.models import District, Region

pytestmark = pytest.mark.django_db

_OF_REGION = Prepared(
    lambda: (
        District.objects.select_related("region")
        .annotate(of=F("region__name"))
        .filter(region_id=Given("region"))
        .order_by("code")
    )
)


@pytest.mark.parametrize("code", ["CZ010", "CZ064", "CZ999"])
def test_models_come_with_what_they_refer_to(code: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        rows: list[Any] = _OF_REGION.all(region=code)
        found = [(one.code, one.name, one.region.name, one.of) for one in rows]
    there = District.objects.filter(region_id=code).order_by("code")
    assert found == [(one.code, one.name, one.region.name, one.region.name) for one in there]
    assert len(asked) == 1
    first = _OF_REGION.first(region=code)
    assert first == there.first()
    assert first is None or not first._state.adding


def test_its_plan_is_kept_where_the_session_prepares(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()
    monkeypatch.setattr(connection.connection, "prepare_threshold", 5)
    found = [[one.pk for one in _OF_REGION.all(region="CZ064")] for _ in range(4)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements "
            "WHERE statement LIKE '%logistics_district%'"
        )
        assert cursor.fetchall() == [(4,)]
    # Statements with their values in them are none to keep.
    assert not connection.connection._prepared._counts
    assert found == [list(District.objects.filter(region="CZ064").order_by("code").values_list("pk", flat=True))] * 4


def test_what_is_told_is_a_value_and_never_sql() -> None:
    assert _OF_REGION.all(region="CZ010' OR '1'='1") == []


def test_kept_rows_are_those_of_the_relation() -> None:
    region = Region.objects.get(code="CZ064")
    keep(region, "districts", _OF_REGION.all(region="CZ064"))
    with CaptureQueriesContext(connection) as asked:
        kept = list(region.districts.all())
        assert [one.region for one in kept] == [region] * len(kept)
    assert len(asked) == 0
    assert {one.pk for one in kept} == set(District.objects.filter(region=region).values_list("pk", flat=True))
    assert region.districts.filter(code="CZ0642").count() == 1
    assert not region.districts.filter(code="CZ0100").exists()


@pytest.mark.django_db(transaction=True)
def test_a_lock_is_taken_within_a_transaction_alone() -> None:
    locked = Prepared(lambda: Region.objects.select_for_update(no_key=True).filter(code=Given("code")))
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        assert locked.first(code="CZ064") == Region.objects.get(code="CZ064")
        assert "FOR NO KEY UPDATE" in asked.captured_queries[0]["sql"]
    with pytest.raises(TransactionManagementError):
        locked.first(code="CZ064")


@pytest.mark.parametrize(
    "make", [lambda: Region.objects.prefetch_related("districts"), lambda: Region.objects.values()]
)
def test_a_query_that_gives_no_models_or_prefetches_is_refused(make: Any) -> None:
    with pytest.raises(ValueError, match="prefetches nothing"):
        Prepared(make).all()

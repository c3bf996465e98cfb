"""The products of 2021 and the materials, as the migrations leave them."""

from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils import translation

from logistics.models import Batch, Material, Pack, StorageCondition, StorageRule, Vaccine
from tests import open_data
from tests.factories import make_batch, make_swabs

pytestmark = pytest.mark.django_db

migration = import_module("logistics.migrations.0004_products_and_materials")


def _keeps(vaccine: str, storage: StorageCondition, day: date) -> timedelta | None:
    return StorageRule.objects.valid_on(day).get(vaccine=vaccine, storage=storage).keeps


def _state() -> list[list[object]]:
    return [
        list(Vaccine.objects.order_by("pk").values_list()),
        list(Pack.objects.order_by("pk").values_list("vaccine", "vials", "doses_per_vial", "gtin")),
        list(StorageRule.objects.order_by("pk").values_list("vaccine", "storage", "valid_from", "keeps")),
        list(Material.objects.order_by("pk").values_list()),
    ]


def test_every_vaccine_has_its_packs_its_dose_and_the_name_of_the_files() -> None:
    comirnaty = Vaccine.objects.get(pk="comirnaty")
    assert (comirnaty.manufacturer, comirnaty.published_name) == ("Pfizer", "Comirnaty")
    assert (comirnaty.youngest_age, comirnaty.dose_millilitres) == (16, Decimal("0.30"))
    assert "NaCl" in comirnaty.diluent
    assert set(comirnaty.packs.values_list("vials", "doses_per_vial")) == {(195, 5), (195, 6), (25, 6)}
    for vaccine in Vaccine.objects.exclude(pk="comirnaty"):
        assert (vaccine.youngest_age, vaccine.diluent, vaccine.dose_millilitres) == (18, "", Decimal("0.50"))
        assert vaccine.packs.exists()


def test_thawed_comirnaty_keeps_five_days_and_from_may_2021_thirty_one() -> None:
    assert _keeps("comirnaty", StorageCondition.THAWED, date(2021, 5, 16)) == timedelta(days=5)
    assert _keeps("comirnaty", StorageCondition.THAWED, date(2021, 5, 17)) == timedelta(days=31)
    assert _keeps("comirnaty", StorageCondition.STORED, date(2021, 5, 17)) is None


def test_every_vaccine_can_be_stored_and_opened() -> None:
    for storage in (StorageCondition.STORED, StorageCondition.OPEN):
        assert StorageRule.objects.filter(storage=storage).values("vaccine").distinct().count() == 4
    assert not StorageRule.objects.filter(storage=StorageCondition.OPEN, keeps=None).exists()
    assert not StorageRule.objects.exclude(min_celsius=None).filter(min_celsius__gt=8).exists()


def test_a_material_is_called_by_its_name_in_the_language_of_the_page() -> None:
    swab = Material.objects.get(pk="swab")
    with translation.override("cs"):
        assert str(swab) == "Dezinfekční tampon"
    with translation.override("en"):
        assert str(swab) == "Disinfecting swab"


def test_what_somebody_filled_in_outlives_a_second_run() -> None:
    Vaccine.objects.filter(pk="janssen").update(youngest_age=60)
    StorageRule.objects.filter(vaccine="janssen", storage=StorageCondition.THAWED).update(keeps=timedelta(days=135))
    Material.objects.filter(pk="swab").update(name_cs="Tampon")
    before = _state()
    with connection.schema_editor() as editor:
        migration.add(apps, editor)
    assert _state() == before


def test_it_can_be_taken_back_except_what_is_in_use() -> None:
    before = _state()
    Pack.objects.filter(vaccine="spikevax").update(gtin="08000000000001")
    make_swabs()
    batch = make_batch("XD955", vaccine="janssen", expires_on=date(2030, 1, 31))
    with connection.schema_editor() as editor:
        migration.remove(apps, editor)
        assert list(Pack.objects.values_list("vaccine", flat=True)) == ["spikevax"]
        assert [material.pk for material in Material.objects.all()] == ["swab"]
        assert not StorageRule.objects.exists()
        assert Batch.objects.get() == batch
        migration.add(apps, editor)
    Pack.objects.update(gtin="")
    assert [set(table) for table in _state()] == [set(table) for table in before]


@open_data.needs_open_data
def test_every_name_of_a_vaccine_in_the_ministrys_files_is_known() -> None:
    names = set(Vaccine.objects.values_list("published_name", flat=True))
    published = {row["ockovaci_latka"] for row in open_data.rows("stock-consumption.csv.gz")}
    assert published <= names


def test_the_rules_valid_on_a_day_are_the_newest_of_each_vaccine_and_storage_condition() -> None:
    StorageRule.objects.all().delete()
    for vaccine, storage, day, hours in (
        ("comirnaty", StorageCondition.ROOM, 1, 1),
        ("comirnaty", StorageCondition.ROOM, 10, 10),
        ("comirnaty", StorageCondition.ROOM, 20, 20),
        ("comirnaty", StorageCondition.OPEN, 5, 5),
        ("spikevax", StorageCondition.ROOM, 11, 11),
    ):
        StorageRule.objects.create(
            vaccine_id=vaccine,
            storage=storage,
            valid_from=date(2027, 1, day),
            max_celsius=25,
            keeps=timedelta(hours=hours),
        )

    def valid_on(day: int) -> list[tuple[str, str, timedelta | None]]:
        rules = StorageRule.objects.valid_on(date(2027, 1, day))
        return list(rules.values_list("vaccine_id", "storage", "keeps"))

    opened = ("comirnaty", "OPEN", timedelta(hours=5))
    assert valid_on(4) == [("comirnaty", "ROOM", timedelta(hours=1))]
    assert valid_on(10) == [opened, ("comirnaty", "ROOM", timedelta(hours=10))]
    assert valid_on(31) == [
        opened,
        ("comirnaty", "ROOM", timedelta(hours=20)),
        ("spikevax", "ROOM", timedelta(hours=11)),
    ]

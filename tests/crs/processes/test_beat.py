"""Beat starts whatever a crash left of the file that says when each task last ran."""

import dbm
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from crs.celery import app
from crs.processes.beat import Scheduler


def _is_garbage(path: Path) -> None:
    path.write_bytes(b"\x00garbage" * 100)


def _has_an_empty_record(path: Path) -> None:
    with dbm.open(str(path), "n") as file:
        file["entries"] = b""


def _has_a_torn_record(path: Path) -> None:
    with dbm.open(str(path), "n") as file:
        file["entries"] = b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}"


@pytest.mark.parametrize("damage", [_is_garbage, _has_an_empty_record, _has_a_torn_record])
def test_a_torn_schedule_file_is_replaced(damage: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "beat-schedule"
    damage(path)
    scheduler = Scheduler(app=app, schedule_filename=str(path))
    assert set(settings.CELERY_BEAT_SCHEDULE) <= set(scheduler.schedule)
    scheduler.close()

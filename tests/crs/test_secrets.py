"""A local run makes its secrets once; anywhere else a missing one stops the start."""

import logging
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from crs import secrets
from crs.logging import HidePersonalNumbers


def test_elsewhere_a_missing_secret_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/crs")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        secrets.secret("SECRET_KEY")


def test_a_local_secret_is_made_once_and_kept_from_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setattr(secrets, "LOCAL", tmp_path)
    made = secrets.secret("SECRET_KEY")
    assert len(made) >= 50
    assert secrets.secret("SECRET_KEY") == made
    assert (tmp_path / "secrets" / "SECRET_KEY").stat().st_mode & 0o077 == 0


def test_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "from-the-environment")
    assert secrets.secret("SECRET_KEY") == "from-the-environment"


@pytest.mark.parametrize("number", ["385612345", "8556123451", "855612/3451", "855612 3451"])
def test_no_birth_number_reaches_a_log(number: str) -> None:
    try:
        int(f"{number}?")
    except ValueError:
        record = logging.LogRecord("crs", logging.ERROR, __file__, 1, "refused %s", (number,), sys.exc_info())
    HidePersonalNumbers().filter(record)
    line = logging.Formatter().format(record)
    assert number not in line
    assert "[hidden]" in line

"""Where real people are registered, CRS refuses to start with a door open, and says which."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from crs.embedded.paths import ROOT
from crs.production import refuse_unsafe

GOOD = {
    "DATABASE_URL": "postgresql://crs:crs@db.invalid/crs",
    "REDIS_URL": "redis://valkey.invalid/0",
    "SECRET_KEY": "tY3kQ9vLr2WmXc7ZpB4nHs8DfJ6gUa1EoViTqNxM5RwKhCbS0y",
    "LOOKUP_KEY": "Jd8wPq3VnR6mTzK1xYc5LbGf7HsEa9UoXiQtWvN2C4M",
    "FIELD_ENCRYPTION_KEY": "q3N0bVvX1r8Qk2mYw5ZtLh7pJc4sRg9DfUaEoIiTxBM=",
    "SIGNING_KEY_ENCRYPTION_KEY": "Zk7Qw2mYx9TbN4vRc8LpHs3JfGd6UaEoVi1XtKyMn5A=",
    "PUBLIC_URL": "https://registrace.gov.cz",
    "ALLOWED_HOSTS": "registrace.gov.cz",
}
BAD = [
    ("LOOKUP_KEY", "a"),
    ("LOOKUP_KEY", "ab" * 30),
    ("LOOKUP_KEY", GOOD["SECRET_KEY"]),
    ("LOOKUP_KEY", GOOD["FIELD_ENCRYPTION_KEY"]),
    ("SECRET_KEY", "secret"),
    ("FIELD_ENCRYPTION_KEY", "bad"),
    ("FIELD_ENCRYPTION_KEY", "A" * 43 + "="),
    ("FIELD_ENCRYPTION_KEY", f"{GOOD['FIELD_ENCRYPTION_KEY']},bad"),
    ("SIGNING_KEY_ENCRYPTION_KEY", "bad"),
    ("SIGNING_KEY_ENCRYPTION_KEY", "A" * 43 + "="),
    ("SIGNING_KEY_ENCRYPTION_KEY", GOOD["FIELD_ENCRYPTION_KEY"]),
    ("PUBLIC_URL", "http://localhost:8000"),
    ("PUBLIC_URL", "https://registrace.example.cz"),
    ("PUBLIC_URL", "registrace.gov.cz"),
    ("ALLOWED_HOSTS", "*"),
    ("ALLOWED_HOSTS", "registrace.gov.cz,.cz"),
]


def _refuse(variables: dict[str, str]) -> None:
    refuse_unsafe(
        secrets={name: variables[name] for name in ("SECRET_KEY", "LOOKUP_KEY")},
        encryption_keys={
            name: variables[name].split(",") for name in ("FIELD_ENCRYPTION_KEY", "SIGNING_KEY_ENCRYPTION_KEY")
        },
        public_url=variables["PUBLIC_URL"],
        allowed_hosts=variables["ALLOWED_HOSTS"].split(","),
    )


@pytest.mark.parametrize(("name", "value"), BAD)
def test_what_is_unsafe_is_named(name: str, value: str) -> None:
    _refuse(GOOD)
    with pytest.raises(ImproperlyConfigured, match=name):
        _refuse({**GOOD, name: value})


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "crs.web", "--port", "0"],
        ["-m", "celery", "--app", "crs.celery", "worker"],
        ["-m", "celery", "--app", "crs.celery", "beat"],
        ["manage.py", "migrate"],
    ],
    ids=["web", "worker", "beat", "migrate"],
)
def test_no_process_starts_with_something_unsafe(command: list[str]) -> None:
    clean = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        # One process of web: of two, each is started again for as long as the other one lives.
        env={**clean, **GOOD, "LOOKUP_KEY": "a", "WEB_PROCESSES": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    assert "LOOKUP_KEY is shorter than 32 characters." in done.stdout + done.stderr

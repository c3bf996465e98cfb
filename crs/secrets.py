"""Secrets: from the environment in production, made once and kept under `.local/` in a local run."""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from crs.embedded.paths import LOCAL, is_embedded_database
from crs.environment import VARIABLES


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


_MAKERS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "FIELD_ENCRYPTION_KEY": _fernet_key,
    "SIGNING_KEY_ENCRYPTION_KEY": _fernet_key,
    "LOOKUP_KEY": lambda: secrets.token_urlsafe(32),
    "DEMO_PASSWORD": lambda: secrets.token_urlsafe(9),
    "DEMO_TOTP_KEY": lambda: secrets.token_hex(20),
}


def secret(name: str) -> str:
    """The secret `name` from the environment or its file; in a local run made on first use and kept.

    Raises ImproperlyConfigured, naming the variable, where it is missing elsewhere.
    """
    value = VARIABLES.get(name)
    if value:
        return value
    if name not in _MAKERS or not is_embedded_database():
        raise ImproperlyConfigured(
            f"Set the environment variable {name} or {name}_FILE; README.md, 'Configuration', says how to make it."
        )
    return _kept_locally(LOCAL / "secrets" / name, _MAKERS[name])


def _kept_locally(path: Path, make: Callable[[], str]) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(make())
        try:
            os.link(fresh, path)  # fails where another process was first: then its secret counts
        except FileExistsError:
            pass
        fresh.unlink()
    return path.read_text()

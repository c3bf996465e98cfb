#!/usr/bin/env python3
"""Makes the secrets of docker-compose.yml, a file each under secrets/. What is there already stays as it is."""

import base64
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

MAKERS: dict[str, Callable[[], str]] = {
    "secret_key": lambda: secrets.token_urlsafe(50),
    "lookup_key": lambda: secrets.token_urlsafe(32),
    "field_encryption_key": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "signing_key_encryption_key": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "database_password": lambda: secrets.token_urlsafe(32),
    "valkey_password": lambda: secrets.token_urlsafe(32),
    "cache_password": lambda: secrets.token_urlsafe(32),
}
# Nobody can make these: the carriers give them.
GIVEN = {
    "twilio_auth_token": "fill in what the carrier gave you",
    "email_url": "fill in what the carrier gave you",
    "sites_desk_mailbox": "leave it empty, unless letters are fetched from a mailbox",
    "insurers_register_token": "leave it empty, unless the register is asked at an address",
    "health_workers_register_token": "leave it empty, unless the register is asked at an address",
    "line_desk_mailbox": "leave it empty, unless letters are fetched from a mailbox",
}


def main(folder: Path) -> None:
    """Write what is missing, and say which files are to be filled in."""
    # The containers' users are others than the host's: they may read the files, nobody else enters the folder.
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in (*MAKERS, *GIVEN):
        file = folder / name
        if file.exists():
            continue
        file.write_text(MAKERS[name]() if name in MAKERS else "")
        file.chmod(0o444 if name in MAKERS else 0o644)
        sys.stdout.write(f"{file}{f'   <- {GIVEN[name]}' if name in GIVEN else ''}\n")


if __name__ == "__main__":
    main(Path(__file__).resolve().parents[1] / "secrets")

"""Text that waits outside the database (in a session) and must not be readable there."""

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def seal(value: Any) -> str:
    """`value` (anything JSON can hold) encrypted with the first of `FIELD_ENCRYPTION_KEYS`."""
    return _fernet().encrypt(json.dumps(value).encode()).decode()


def unseal(sealed: str) -> Any:
    """The value that was sealed; None where no key opens it any more."""
    try:
        return json.loads(_fernet().decrypt(sealed.encode()))
    except InvalidToken:
        return None


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in settings.FIELD_ENCRYPTION_KEYS])

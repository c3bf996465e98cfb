"""Model fields whose content is encrypted at rest."""

from typing import NoReturn

from django.conf import settings
from encrypted_fields.fields import EncryptedTextField as _EncryptedTextField


class EncryptedTextField(_EncryptedTextField):  # type: ignore[misc]
    """Text encrypted with the first of `FIELD_ENCRYPTION_KEYS`, read with any of them.

    The library would derive its key from SECRET_KEY; a key of its own can be rotated alone.
    """

    @property
    def keys(self) -> list[bytes]:
        """The Fernet keys, the encrypting one first."""
        return [key.strip().encode() for key in settings.FIELD_ENCRYPTION_KEYS]

    def value_to_string(self, obj: object) -> NoReturn:
        """Raise ValueError: `dumpdata` and other serializers would write what is encrypted in clear."""
        table = type(obj).__name__
        raise ValueError(f"{table}.{self.name} is encrypted and is not dumped: use pg_dump, or --exclude the table.")

"""Encrypts a PDF, its metadata too, so that it opens with one password alone."""

import logging
import secrets
from io import BytesIO

# It says on import that it was imported.
logging.getLogger("pikepdf").setLevel(logging.WARNING)


def encrypted(pdf: bytes, password: str) -> bytes:
    """The PDF encrypted with AES-256 under `password` (ASCII); its tags, language and title stay as they are.

    Whoever opened it may print it, copy from it and have it read aloud. Nobody may change it: with an empty password of
    the owner some viewers would open it without any (DOMAIN 1.9), so that one is random and forgotten at once.
    """
    import pikepdf  # only the workers that make papers need its 20 MB

    allowed = pikepdf.Permissions(
        accessibility=True,
        extract=True,
        print_lowres=True,
        print_highres=True,
        modify_annotation=False,
        modify_assembly=False,
        modify_form=False,
        modify_other=False,
    )
    encryption = pikepdf.Encryption(
        user=password, owner=secrets.token_urlsafe(24), R=6, aes=True, metadata=True, allow=allowed
    )
    sealed = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        document.save(sealed, encryption=encryption)
    return sealed.getvalue()

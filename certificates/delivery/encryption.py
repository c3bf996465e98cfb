"""Encrypts a PDF, its metadata too, so that it opens with one password alone."""

import secrets
from io import BytesIO

import pikepdf

# Whoever opened it may print it, copy from it and have it read aloud. Nobody has the password of the owner.
_ALLOWED = pikepdf.Permissions(
    accessibility=True,
    extract=True,
    print_lowres=True,
    print_highres=True,
    modify_annotation=False,
    modify_assembly=False,
    modify_form=False,
    modify_other=False,
)


def encrypted(pdf: bytes, password: str) -> bytes:
    """The PDF encrypted with AES-256 under `password` (ASCII); its tags, language and title stay as they are.

    With an empty password of the owner some viewers would open it without any (DOMAIN 1.9), so it is random and
    forgotten at once.
    """
    encryption = pikepdf.Encryption(
        user=password, owner=secrets.token_urlsafe(24), R=6, aes=True, metadata=True, allow=_ALLOWED
    )
    sealed = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        document.save(sealed, encryption=encryption)
    return sealed.getvalue()

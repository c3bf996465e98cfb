"""A paper with the password of a certificate that went by e-mail, for a person whom no SMS reaches."""

from dataclasses import dataclass
from hashlib import sha256

from django.utils.translation import gettext_lazy as _

from certificates.models import Certificate
from certificates.paper.content import content_of
from crs.pdf import rendering
from crs.pdf.bilingual import Both, in_both

_LABELS = {
    "title": _("Password for your certificate"),
    "sent": _("We have sent you the vaccination certificate by e-mail. It opens with this password."),
    "spelled": _("The password character by character"),
    "opening": _("How to open the certificate"),
    "safety": _(
        "Keep this paper in a safe place and not beside your computer. "
        "Whoever has it and the e-mail can read the certificate."
    ),
    "help": _("It does not open? Any vaccination site makes you a new password. You can also call the line 1221."),
    "evidence": _("Evidence number"),
}
_STEPS = (
    _("Open the e-mail and download its attachment, a PDF file."),
    _("Open the file in an application for PDF. It asks for the password."),
    _("Type the password as it stands here: without spaces, in small letters."),
)
# The Czech spelling alphabet, as it is said on the telephone.
_WORDS = (
    "Adam Božena Cyril David Emil František Gustav Helena Ivan Josef Karel Ludvík Marie Norbert Oto Petr Quido "
    "Rudolf Svatopluk Tomáš Urban Václav Dvojité-vé Xaver Ypsilon Zuzana"
)
_CZECH_WORDS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", _WORDS.split(), strict=True))


@dataclass(frozen=True)
class Character:
    """A character of the password, and how it is said; in Czech with the word of the spelling alphabet."""

    text: str
    said: Both
    word: str


def password_pdf(certificate: Certificate, password: str) -> bytes:
    """The paper as PDF/UA-1 on one A4 page, to be handed to the person and to nobody else.

    Raises as `certificate_pdf`. The password is not kept here; the PDF must not be kept either.
    """
    content = content_of(certificate)
    return rendering.pdf(
        "certificates/paper/password.html",
        {
            "content": content,
            "labels": {name: in_both(text) for name, text in _LABELS.items()},
            "steps": [in_both(step) for step in _STEPS],
            "password": password,
            "characters": spelled(password),
        },
        sheet="certificates/paper/password.css",
        language="cs",
        identifier=sha256(certificate.pk.bytes + password.encode()).digest()[:16],
    )


def spelled(password: str) -> list[Character]:
    """Each character of a password, a small letter or a digit, in words, such as 'malé b', 'číslice 4'."""
    return [Character(one, _said(one), _CZECH_WORDS.get(one.upper(), "")) for one in password]


def _said(character: str) -> Both:
    phrase = in_both(_("digit %(character)s") if character.isdigit() else _("small %(character)s"))
    return Both(phrase.cs % {"character": character}, phrase.en % {"character": character})

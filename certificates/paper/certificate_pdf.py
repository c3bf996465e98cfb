"""The certificate on paper: one A4 page, folded in four, in Czech and English side by side (DOMAIN 1.9)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from math import ceil

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certificates.models import Certificate
from certificates.paper import barcode, ornaments, qr
from certificates.paper.content import Content, content_of, contents_of
from crs.pdf import rendering
from crs.pdf.bilingual import Both, in_both
from crs.pdf.source import SCHEME, Printing

# On a machine with six times as much to do as it can, a page took 0.6 s: a part is ready in half of PAPER_SECONDS there
# too, and others' papers wait for it no longer.
PAPERS_OF_A_PART = 15
_FLAG, _ROSETTE = "flag.svg", "rosette.svg"
_LABELS = {
    "title": _("Vaccination certificate"),
    "scheme": _("EU Digital COVID Certificate"),
    "union": _("European Union"),
    "state": _("Czech Republic"),
    "name": _("Surname and first name"),
    "latin_name": pgettext_lazy("paper", "In Latin letters"),
    "birth_date": pgettext_lazy("paper", "Date of birth"),
    "valid_from": pgettext_lazy("paper", "Valid from"),
    "not_valid": pgettext_lazy("paper", "Not a complete vaccination"),
    "uvci": _("Certificate identifier (UVCI)"),
    "disease": _("Disease or agent targeted"),
    "kind": _("Vaccine/prophylaxis"),
    "product": _("Vaccine medicinal product"),
    "holder": _("Marketing authorisation holder or manufacturer"),
    "dose": _("Dose number and total"),
    "given_on": pgettext_lazy("certificate", "Date of vaccination"),
    "country": _("Member state of vaccination"),
    "issuer": _("Certificate issuer"),
    "issued_on": pgettext_lazy("certificate", "Issued"),
    "specimen": pgettext_lazy("paper", "SPECIMEN"),
    "trial": _("Trial run: not a valid certificate"),
    "evidence": _("Evidence number"),
    "checking": pgettext_lazy("paper", "How to verify it"),
    "scan": _("Scan the QR code with an app for EU certificates, or on the page"),
    "compare": _("Then compare the name and the date of birth with an identity document."),
    "expiry": _("The code can be verified until"),
    "notice_title": pgettext_lazy("paper", "Please note"),
    "notice": _(
        "This certificate is not a travel document. What is known about vaccination and about variants of the virus "
        "goes on developing. Before you travel, find out which measures hold at your destination."
    ),
    "qr_alt": _("QR code of the certificate. It says what stands on this sheet, signed by the issuer."),
    "barcode_alt": _("Barcode of the evidence number %(number)s."),
}
# A line of large letters holds about so many characters of a name, or of an entry.
_NAME_LINE, _ENTRY_LINE = 25, 33
# Up to so many lines fit in each size of letters, the largest first; the smallest holds whatever can be signed.
_NAME_SIZES = ((2, ""), (4, "long-name"), (7, "longer-name"))
_ENTRY_SIZES = ((12, ""), (15, "long-entries"))


@dataclass(frozen=True)
class _Page:
    """A page: what the certificate says, and its pictures."""

    content: Content
    number: int

    @property
    def code_name(self) -> str:
        """Of the QR code among the pictures."""
        return f"code{self.number}.pbm"

    @property
    def barcode_name(self) -> str:
        """Of the barcode among the pictures."""
        return f"barcode{self.number}.svg"

    @property
    def code_url(self) -> str:
        """The address of the QR code."""
        return f"{SCHEME}{self.code_name}"

    @property
    def barcode_url(self) -> str:
        """The address of the barcode."""
        return f"{SCHEME}{self.barcode_name}"

    @property
    def ean(self) -> tuple[str, str, str]:
        """The digits of the evidence number as they stand below the bars."""
        number = self.content.ean
        return number[:1], number[1:7], number[7:]

    @property
    def barcode_alt(self) -> Both:
        """What is said of the barcode."""
        alt = _labels()["barcode_alt"]
        return Both(alt.cs % {"number": self.content.ean}, alt.en % {"number": self.content.ean})

    @property
    def sizes(self) -> str:
        """The classes of the style sheet for long texts. Lengths alone choose them, so that a page is set once."""
        said = self.content
        entries = (said.disease, said.kind.cs, said.kind.en, said.product, said.holder, said.country.cs, said.issuer)
        name_lines = _lines([said.name, said.latin_name], _NAME_LINE)
        entry_lines = _lines([*entries, "dose", "given on", "issued on"], _ENTRY_LINE)
        return f"{_size(name_lines, _NAME_SIZES, 'longest-name')} {_size(entry_lines, _ENTRY_SIZES, 'longer-entries')}"

    def pictures(self) -> Mapping[str, bytes]:
        """The QR code without its white, which the style sheet gives it in millimetres, and the barcode."""
        return {self.code_name: qr.modules(self.content.text), self.barcode_name: barcode.svg(self.content.ean)}


def certificate_pdf(certificate: Certificate) -> bytes:
    """The paper of `certificate` as PDF/UA-1 on one page; two prints of it are equal, byte for byte.

    Raises RevokedCertificate, DamagedCertificate, and what `rendering.pdf` raises.
    """
    return _pdf([content_of(certificate)], identifier=certificate.pk.bytes)


def day_pdf(certificates: Sequence[Certificate]) -> bytes:
    """The papers of many people in one PDF/UA-1, a page each, to be printed on one side of the paper.

    Take at most `PAPERS_OF_A_PART`: more may come too late. Raises as `certificate_pdf`; ValueError for none.
    """
    if not certificates:
        raise ValueError("There is no certificate to print")
    digest = sha256(b"".join(one.pk.bytes for one in certificates))
    return _pdf(contents_of(certificates), identifier=digest.digest()[:16])


def _pdf(contents: Sequence[Content], *, identifier: bytes) -> bytes:
    pages = [_Page(content, number) for number, content in enumerate(contents)]
    pictures = {_FLAG: ornaments.flag(), _ROSETTE: ornaments.rosette()}
    for page in pages:
        pictures |= page.pictures()
    return rendering.pdf(
        "certificates/paper/certificate.html",
        {
            "pages": pages,
            "labels": _labels(),
            # A key of a demonstration signs there: nobody shall take its papers for real ones.
            "is_trial": settings.IS_LOCAL,
            "marked_quarters": ("person", "issuer", "entries"),
            "checking_address": f"{settings.PUBLIC_URL.partition('://')[2]}/overeni/",
        },
        sheet="certificates/paper/certificate.css",
        language="cs",
        identifier=identifier,
        pictures=pictures,
        printing=Printing(is_scaled=False, is_one_sided=True),
    )


def _lines(texts: Iterable[str], line: int) -> int:
    return sum(ceil(len(text) / line) for text in texts)


def _size(lines: int, sizes: Iterable[tuple[int, str]], smallest: str) -> str:
    return next((size for most, size in sizes if lines <= most), smallest)


@cache
def _labels() -> dict[str, Both]:
    return {name: in_both(text) for name, text in _LABELS.items()}

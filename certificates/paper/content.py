"""What a certificate says, read from the text that was signed and from nothing else that may have changed since."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certificates.errors import DamagedCertificate, RevokedCertificate
from certificates.hcert.refusals import Genuine, Refusal
from certificates.hcert.signing import BACK_DATED
from certificates.hcert.verification import verify
from certificates.models import Certificate, SignerCertificate, VaccineCoding, ValueSetEntry
from crs.pdf.bilingual import Both, day_in_both, in_both
from registration.people.latin_name import is_latin

# From the last dose of the basic series the body needs so many local calendar days (DOMAIN 1.8).
DAYS_TO_PROTECTION = 14
# No vaccine of the EU has a longer basic series: who has 3 of 3 has a booster (Decision (EU) 2021/2014), unless our
# data know the product on the certificate as one of three doses.
_USUAL_SERIES = 2

ValueSet = ValueSetEntry.ValueSet
VALUE_SETS = {"tg": ValueSet.DISEASE, "vp": ValueSet.PROPHYLAXIS, "mp": ValueSet.PRODUCT, "ma": ValueSet.HOLDER}
# The EU names kinds of vaccines in English only.
CZECH_NAMES: Mapping[tuple[str, str], Promise] = {
    ("vp", "1119349007"): _("SARS-CoV-2 mRNA vaccine"),
    ("vp", "1119305005"): _("SARS-CoV-2 antigen vaccine"),
    ("vp", "29061000087103"): _("COVID-19 vaccine with a viral vector"),
    ("vp", "28531000087107"): pgettext_lazy("kind of vaccine", "COVID-19 vaccine"),
    ("vp", "J07BX03"): pgettext_lazy("kind of vaccine", "COVID-19 vaccine"),
}
_COUNTRIES: Mapping[str, Promise] = {"CZ": pgettext_lazy("state", "Czechia")}


@dataclass(frozen=True)
class Content:
    """All that stands on the paper. `text` is what the code says; dates are in words, in both languages.

    A code without a name in the value sets stands as it is, as does what is no whole date. `valid_from` is None where
    the basic series is not complete; `validity` says why it is that day, or that there is none.
    """

    text: str
    ean: str
    name: str
    latin_name: str
    birth_date: Both
    disease: str
    kind: Both
    product: str
    holder: str
    dose_number: int
    total_doses: int
    given_on: Both
    country: Both
    issuer: str
    uvci: str
    issued_on: Both
    valid_from: Both | None
    validity: Both
    expires_on: Both

    @property
    def uvci_parts(self) -> tuple[str, str]:
        """The identifier in two parts, between which a line may break."""
        place = self.uvci.rfind(":") + 1
        return self.uvci[:place], self.uvci[place:]


def content_of(certificate: Certificate) -> Content:
    """What `certificate` says. Raises as `contents_of`."""
    (content,) = contents_of([certificate])
    return content


def contents_of(certificates: Iterable[Certificate]) -> list[Content]:
    """What each certificate says, in their order; three queries for all of them.

    Raises RevokedCertificate for one that may not be printed any more, and DamagedCertificate where its text is not
    what its signer signed.
    """
    certificates = list(certificates)
    signers = SignerCertificate.objects.in_bulk({one.signer_id for one in certificates})
    read = [(one, _genuine(one, signers[one.signer_id])) for one in certificates]
    codes = {(value_set, genuine.entry[key]) for _one, genuine in read for key, value_set in VALUE_SETS.items()}
    names, series = names_of(codes), series_of({genuine.entry["mp"] for _one, genuine in read})
    return [_content(one, genuine, names, series.get(genuine.entry["mp"], 0)) for one, genuine in read]


def _genuine(certificate: Certificate, signer: SignerCertificate) -> Genuine:
    if certificate.state == Certificate.State.REVOKED:
        raise RevokedCertificate(certificate.get_revocation_display())
    try:
        # Its dates are left aside: an old one may be printed, and says until when it can be verified.
        genuine = verify(certificate.text, [signer.certificate], None)
    except Refusal as refusal:
        raise DamagedCertificate from refusal
    if genuine.kind != "v" or genuine.uvci != certificate.uvci:
        raise DamagedCertificate
    return genuine


def names_of(codes: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The EU's names of the codes (value set, code) that have one; one query."""
    wanted = Q()
    for value_set, code in sorted(codes):
        wanted |= Q(value_set=value_set, code=code)
    if not wanted:
        return {}
    found = ValueSetEntry.objects.filter(wanted).values_list("value_set", "code", "display")
    return {(value_set, code): display for value_set, code, display in found}


def series_of(products: set[str]) -> dict[str, int]:
    """How many doses the basic series of these products has, as far as our data know them."""
    known = VaccineCoding.objects.filter(product__in=products).values("product")
    return dict(known.annotate(doses=Max("vaccine__doses")).values_list("product", "doses"))


def _content(certificate: Certificate, genuine: Genuine, names: Mapping[tuple[str, str], str], series: int) -> Content:
    entry = genuine.entry
    named = {key: names.get((value_set, entry[key]), entry[key]) for key, value_set in VALUE_SETS.items()}
    name, latin_name = _full_names(genuine.payload["nam"])
    valid_from, why = validity(entry["dn"], entry["sd"], entry["dt"], series=series)
    # A second earlier: a code that ends at midnight is good until the day before.
    expires_at = genuine.expires_at or certificate.expires_at
    expires_on = timezone.localdate(expires_at - timedelta(seconds=1))
    return Content(
        text=certificate.text,
        ean=certificate.ean,
        name=name,
        latin_name=latin_name,
        birth_date=_day(genuine.payload["dob"]),
        disease=named["tg"],
        kind=_with_czech(CZECH_NAMES.get(("vp", entry["vp"])), named["vp"]),
        product=named["mp"],
        holder=named["ma"],
        dose_number=entry["dn"],
        total_doses=entry["sd"],
        given_on=_day(entry["dt"]),
        country=in_both(_COUNTRIES.get(entry["co"], entry["co"])),
        issuer=entry["is"],
        uvci=entry["ci"],
        issued_on=day_in_both(timezone.localdate((genuine.issued_at or certificate.issued_at) + BACK_DATED)),
        valid_from=day_in_both(valid_from) if valid_from else None,
        validity=in_both(why),
        expires_on=day_in_both(expires_on),
    )


def _with_czech(czech: Promise | None, name: str) -> Both:
    return Both(in_both(czech).cs if czech else name, name)


def _full_names(names: Mapping[str, str]) -> tuple[str, str]:
    """Surname and first name as they are written, and in Latin letters where those are others.

    Somebody with one name has it as surname; a name without its own writing has its Latin one (DOMAIN 1.9).
    """
    surname = names.get("fn") or _spaced(names.get("fnt", ""))
    first_name = names.get("gn") or _spaced(names.get("gnt", ""))
    name = " ".join(part for part in (surname, first_name) if part)
    if is_latin(name):
        return name, ""
    latin = (_spaced(names.get("fnt", "")), _spaced(names.get("gnt", "")))
    return name, " ".join(part for part in latin if part)


def _spaced(machine_readable: str) -> str:
    return machine_readable.replace("<", " ").strip()


def validity(dose_number: int, total_doses: int, given_on: str, *, series: int) -> tuple[date | None, str | Promise]:
    """From which day on the vaccination counts, and why; `series` is what `series_of` says of the product."""
    if dose_number < total_doses:
        return None, _("The basic vaccination is not complete with this dose.")
    day = date.fromisoformat(given_on)
    if dose_number > total_doses or total_doses > max(series, _USUAL_SERIES):
        return day, _("A booster counts from the day on which it was given.")
    return day + timedelta(days=DAYS_TO_PROTECTION), _("14 days after the last dose of the basic vaccination.")


def _day(text: str) -> Both:
    try:
        return day_in_both(date.fromisoformat(text))
    except ValueError:
        return Both(text, text)

"""Revokes certificates of ours."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.utils import timezone

from certificates.hcert import evidence_number
from certificates.models import Certificate, SignerCertificate
from certificates.models.certificates import CertificateQuerySet
from certificates.revocation import revoking
from crs import typed
from crs.commands import OperationsCommand
from logistics.models import Batch, Vaccine
from logistics.vaccines.batches import as_kept
from registration.models import Registration
from registration.people import persons

FEW = 5


class Command(OperationsCommand):
    help = (
        "Revokes certificates: one, those of a person, of a signing key, or of a batch of vaccine. Nobody can undo it: "
        "whoever needs a certificate again gets another one. A check on our pages knows it at once, others with the "
        "next publication. Where it was stopped, start it again: it goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--certificate", metavar="UVCI|EAN", help="the one with this identifier or evidence number")
        which.add_argument("--person", metavar="REGISTRATION-NUMBER", help="all of the person with this registration")
        which.add_argument("--key", metavar="KID", help="all that the signer of ours with this kid (base64) has signed")
        which.add_argument("--batch", metavar="NUMBER", help="all of doses of this batch; needs --vaccine")
        parser.add_argument("--vaccine", metavar="CODE", help="the vaccine of the batch")
        reasons = {reason.value.lower().replace("_", "-"): reason for reason in Certificate.Revocation}
        parser.add_argument("--reason", choices=reasons, required=True, help="what the history and the page say")
        parser.add_argument("--note", default="", help="more words for the history; never a name")
        self.add_by(parser)
        parser.add_argument("--yes", action="store_true", help="do not ask")
        self.add_dry_run(parser)

    def run(self, *args: Any, reason: str, note: str, by: User | None, yes: bool, **options: Any) -> None:
        if len(note) > revoking.LONGEST_NOTE:
            raise CommandError(f"The note is longer than {revoking.LONGEST_NOTE} characters.")
        certificates = _asked(**options)
        living, revoked = certificates.living().count(), certificates.filter(state="REVOKED").count()
        self._show(certificates, living + revoked, most=FEW if options["key"] or options["batch"] else None)
        done = 0
        if living and not self.is_dry_run:
            if not yes:
                self.confirm(f"Revoke {living:,} certificate{'s' if living > 1 else ''} for good? Type yes: ")
            done = revoking.revoke_in_steps(
                certificates=certificates,
                why=Certificate.Revocation(reason.upper().replace("-", "_")),
                note=note,
                by=by,
                now=timezone.now(),
                on_progress=lambda count: self.progress("revoked", count, living),
            )
        figures: dict[str, int | str] = {"to be revoked": living} if self.is_dry_run else {"revoked": done}
        self.summarise(figures | {"revoked before": revoked})

    def _show(self, certificates: CertificateQuerySet, count: int, *, most: int | None) -> None:
        """What it is about, without a name: those that are valid first, and of many the first few."""
        shown = certificates.defer("text").order_by("-state", "-issued_at", "pk")[:most]
        self.table(
            ("dose", "issued", "state"),
            {
                one.uvci: (
                    f"{one.dose_number}/{one.total_doses}",
                    f"{timezone.localtime(one.issued_at):%Y-%m-%d}",
                    one.get_state_display(),
                )
                for one in shown
            },
            left_out=count - len(shown),
        )


def _asked(
    *,
    certificate: str | None,
    person: str | None,
    key: str | None,
    batch: str | None,
    vaccine: str | None,
    **_options: Any,
) -> CertificateQuerySet:
    """The certificates that the options name. Raises CommandError where they name nothing that there is."""
    if (batch is None) != (vaccine is None):
        raise CommandError("--batch and --vaccine belong together.")
    if certificate is not None:
        return _one(typed.plain(certificate))
    if person is not None:
        return _of_person(typed.number(person))
    if key is not None:
        signers = SignerCertificate.objects.own().filter(kid=key.strip(), is_authority=False)
        if not signers:
            raise CommandError(f"No signer of ours has the kid {key}. `manage.py certificate_keys list` shows them.")
        return Certificate.objects.filter(signer__in=signers)
    return _of_batch(str(batch), str(vaccine))


def _of_batch(batch: str, vaccine: str) -> CertificateQuerySet:
    found = Vaccine.objects.filter(pk=vaccine.strip()).first()
    if found is None:
        codes = ", ".join(Vaccine.objects.order_by("pk").values_list("pk", flat=True))
        raise CommandError(f"There is no vaccine {vaccine}. There are: {codes}.")
    batches = Batch.objects.filter(vaccine=found, number=as_kept(batch))
    if not batches:
        raise CommandError(f"{vaccine} has no batch {batch}.")
    return Certificate.objects.filter(dose__batch__in=batches)


def _one(text: str) -> CertificateQuerySet:
    digits = typed.number(text)
    is_number = len(digits) == evidence_number.LENGTH and digits.isdecimal()
    found = Certificate.objects.filter(ean=digits) if is_number else Certificate.objects.filter(uvci=text.upper())
    if not found:
        raise CommandError("No certificate of ours has this identifier or evidence number.")
    return found


def _of_person(number: str) -> CertificateQuerySet:
    registration = Registration.objects.filter(number=number).select_related("person").first()
    if registration is None:
        raise CommandError("No registration has this number.")
    return Certificate.objects.of(persons.standing_for(registration.person))

"""The ministry's screens of certificates: what was issued, sent, signed and revoked is read; EU codes are edited.

No screen shows the code of a certificate, a private key or a password.
"""

from django.conf import settings
from django.contrib import admin
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models import (
    Certificate,
    Delivery,
    IssueRequest,
    ListReading,
    RevocationBatch,
    SeriesCoding,
    SignerCertificate,
    SigningKey,
    VaccineCoding,
    ValueSetEntry,
)
from certificates.models.coding import DatedCode
from certificates.permissions import CertificateAct
from crs import typed
from crs.admin.screens import ReadOnly
from crs.admin.search import PrivateSearchAdmin
from crs.messaging.admin import masked
from logistics.staff.admin_screens import StaffAdmin


def question_about(text: str, path: str = "") -> Q:
    """The certificates whose UVCI or evidence number was typed, pasted or scanned; `path` leads to them."""
    known = "".join(typed.plain(text).upper().split())
    ours = f"URN:UVCI:01:{settings.CERTIFICATE_COUNTRY}:{known}"  # whoever reads it out leaves the beginning away
    return Q(**{f"{path}uvci__in": [known, ours]}) | Q(**{f"{path}ean": typed.number(text)})


@admin.register(Certificate)
class CertificateAdmin(PrivateSearchAdmin):
    """Certificates by UVCI or evidence number; what the code says is not shown."""

    list_display = ("uvci", "ean", "state", "cause", "issued_at", "expires_at", "revocation")
    list_filter = ("state", "cause", "revocation")
    search_help_text = _("A whole identifier (UVCI) or evidence number.")
    show_full_result_count = False
    list_per_page = 50
    fields = (
        *("uvci", "ean", "state", "dose_number", "total_doses", "cause", "issued_at", "issued_by", "expires_at"),
        *("signer", "replaces", "revoked_at", "revoked_by", "revocation", "revocation_note"),
    )

    def search_question(self, text: str) -> Q:
        return question_about(text)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Certificate]:
        """The rows without the text, so that it is not even read."""
        return super().get_queryset(request).defer("text", "facts_hash")


@admin.register(IssueRequest)
class IssueRequestAdmin(PrivateSearchAdmin):
    """Requests; unusual bursts are released or rejected on a page of their own."""

    list_display = ("id", "state", "obstacle", "cause", "asked_at", "asked_by", "site")
    list_filter = ("state", "obstacle", "cause")
    list_select_related = ("asked_by", "site")
    search_help_text = _("A whole identifier (UVCI) or evidence number.")
    show_full_result_count = False
    list_per_page = 50
    fields = (
        *("state", "obstacle", "cause", "is_to_be_sent", "asked_at", "asked_by", "site", "issuer", "claimed_at"),
        *("certificate", "decided_at", "decided_by", "decision_reason"),
    )

    def search_question(self, text: str) -> Q:
        return question_about(text, "certificate__")


@admin.register(Delivery)
class DeliveryAdmin(PrivateSearchAdmin):
    """Deliveries with masked addresses; passwords are not shown."""

    list_display = ("asked_at", "certificate", "to", "telephone", "password_way", "language")
    list_filter = ("password_way", "language")
    list_select_related = ("certificate",)
    search_help_text = _("A whole identifier (UVCI) or evidence number.")
    show_full_result_count = False
    list_per_page = 50
    fields = (
        *("certificate", "asked_at", "asked_by", "language", "to", "telephone", "password_way"),
        *("email_message", "sms_message"),
    )

    def search_question(self, text: str) -> Q:
        return question_about(text, "certificate__")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """The rows without the password."""
        return super().get_queryset(request).defer("password", "certificate__text")

    @admin.display(description=_("e-mail"))
    def to(self, delivery: Delivery) -> str:
        """The masked address."""
        return masked(delivery.email) if delivery.email else ""

    @admin.display(description=_("telephone"))
    def telephone(self, delivery: Delivery) -> str:
        """The last three digits."""
        return masked(str(delivery.phone)) if delivery.phone else ""


@admin.register(SignerCertificate)
class SignerCertificateAdmin(ReadOnly):
    """Trusted signers and authorities; `manage.py certificate_keys` and `import_trust_list` change them."""

    list_display = ("kid", "country", "origin", "is_authority", "not_before", "not_after", "withdrawn_at", "source")
    list_filter = ("origin", "is_authority", ("withdrawn_at", admin.EmptyFieldListFilter), "country")
    show_full_result_count = False
    fields = (
        *("kid", "country", "origin", "is_authority", "sha256", "not_before", "not_after", "source", "added_at"),
        *("withdrawn_at", "withdrawal_reason"),
    )


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnly):
    """The times in which our keys sign, never the keys."""

    list_display = ("signer", "kept_by", "signs_from", "signs_until", "is_signing", "created_at")
    list_select_related = ("signer",)
    fields = ("signer", "kept_by", "signs_from", "signs_until", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SigningKey]:
        """The rows without the key, with whether it may sign now."""
        signing = SigningKey.objects.signing(timezone.now()).filter(pk=OuterRef("pk"))
        return super().get_queryset(request).defer("private_key").annotate(may_sign=Exists(signing))

    @admin.display(description=_("signs now"), boolean=True)
    def is_signing(self, key: SigningKey) -> bool:
        """Whether it may sign certificates now."""
        may_sign: bool = key.may_sign  # type: ignore[attr-defined]  # annotated
        return may_sign


@admin.register(ListReading)
class ListReadingAdmin(ReadOnly):
    """When lists of other states were read."""

    list_display = ("read_at", "kind", "source", "issued_at", "expires_at", "entries")
    list_filter = ("kind",)
    show_full_result_count = False


@admin.register(RevocationBatch)
class RevocationBatchAdmin(ReadOnly):
    """Batches of revocations, ours and other states'; not their signed form."""

    list_display = ("batch_id", "origin", "country", "kid", "hash_type", "made_at", "expires_at", "deleted_at")
    list_filter = ("origin", "hash_type", "country")
    show_full_result_count = False
    fields = list_display

    def get_queryset(self, request: HttpRequest) -> QuerySet[RevocationBatch]:
        """The rows without the signed batches, which are long."""
        return super().get_queryset(request).defer("signed")


class CodesAdmin(StaffAdmin):
    """Codes that the ministry keeps."""

    see = CertificateAct.EDIT_CODES
    add = change = delete = CertificateAct.EDIT_CODES


class DatedCodesAdmin(CodesAdmin):
    """Codes as of a day; once it has come they are only read."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not _has_begun(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not _has_begun(obj) and super().has_delete_permission(request, obj)


def _has_begun(row: Model | None) -> bool:
    return isinstance(row, DatedCode) and row.has_begun


@admin.register(VaccineCoding)
class VaccineCodingAdmin(DatedCodesAdmin):
    """The EU codes of our vaccines, each from a day on."""

    list_display = ("vaccine", "valid_from", "prophylaxis", "product", "holder")
    list_filter = ("vaccine",)
    list_select_related = ("vaccine",)


@admin.register(SeriesCoding)
class SeriesCodingAdmin(DatedCodesAdmin):
    """How doses are written, each from a day on."""

    list_display = ("series_doses", "number", "valid_from", "dose_number", "total_doses")
    list_filter = ("series_doses",)


@admin.register(ValueSetEntry)
class ValueSetEntryAdmin(CodesAdmin):
    """Names of EU codes, for paper and for whoever checks a certificate."""

    list_display = ("code", "display", "value_set")
    list_filter = ("value_set",)
    show_full_result_count = False

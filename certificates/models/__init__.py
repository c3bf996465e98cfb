"""Signers and their keys, certificates and the requests for them, deliveries, revocations, codes of value sets."""

from certificates.models.certificates import Certificate, IssueRequest
from certificates.models.coding import SeriesCoding, VaccineCoding, ValueSetEntry
from certificates.models.deliveries import Delivery
from certificates.models.revocation import RevocationBatch, RevocationList, RevokedHash
from certificates.models.signers import KeyRequest, ListReading, SignerCertificate, SigningKey

__all__ = [
    "Certificate",
    "Delivery",
    "IssueRequest",
    "KeyRequest",
    "ListReading",
    "RevocationBatch",
    "RevocationList",
    "RevokedHash",
    "SeriesCoding",
    "SignerCertificate",
    "SigningKey",
    "VaccineCoding",
    "ValueSetEntry",
]

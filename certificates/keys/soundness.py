"""Whether a certificate from elsewhere can be that of a document signer of ours, in sentences for who imports it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from django.conf import settings

from certificates.hcert import cose
from certificates.hcert.extensions import extension
from certificates.hcert.signing import Signer
from certificates.hcert.trusted import TrustedSigner, country_of

_PROBE = b"CRS tries a signer before it takes it over."


def reasons_against(certificate: x509.Certificate, *, now: datetime) -> Iterator[str]:
    """Why it cannot sign EU certificates of vaccination (DOMAIN 1.2, 1.9)."""
    if damage := _damage(certificate):
        yield f"Its names or extensions cannot be read: {damage}."
        return
    signer = TrustedSigner(certificate)
    key = signer.key
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        yield "Its key is not on the curve P-256, which ES256 needs."
    country = country_of(certificate)
    if country != settings.CERTIFICATE_COUNTRY:
        yield f"It is of the state {country or '(none)'}, not {settings.CERTIFICATE_COUNTRY}."
    if not certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        yield "Its subject has no common name (CN)."
    if "v" not in signer.purposes:
        yield "Its extended key usage does not cover vaccination (1.3.6.1.4.1.1847.2021.1.2)."
    if certificate.not_valid_after_utc <= now:
        yield f"It ended on {certificate.not_valid_after_utc:%Y-%m-%d}."
    yield from _unfit_extensions(certificate)


def _damage(certificate: x509.Certificate) -> str:
    """What keeps the names or the extensions from being read; the library reads them when it is asked for them."""
    try:
        _read = certificate.subject, certificate.issuer, certificate.extensions
    except (ValueError, x509.DuplicateExtension) as error:
        return str(error) or type(error).__name__
    return ""


def _unfit_extensions(certificate: x509.Certificate) -> Iterator[str]:
    constraints = extension(certificate, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        yield "It is the certificate of an authority (CA), not of a document signer."
    usage = extension(certificate, x509.KeyUsage)
    if usage is not None and not usage.digital_signature:
        yield "Its key usage does not allow digital signatures."


def reasons_against_authority(
    certificate: x509.Certificate, authority: x509.Certificate, *, now: datetime
) -> Iterator[str]:
    """Why `certificate` cannot have been issued by `authority`."""
    if damage := _damage(authority):
        yield f"The authority's names or extensions cannot be read: {damage}."
    if damage or _damage(certificate):
        return
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError):
        yield "The authority is not its issuer: the names or the kinds of key differ."
        return
    except InvalidSignature:
        yield "The authority did not sign it: the signature is wrong."
        return
    if not authority.not_valid_before_utc <= now < authority.not_valid_after_utc:
        yield "The authority's certificate is not valid now."
    if not _may_sign_certificates(authority):
        yield "The authority's certificate is not that of an authority (CA, keyCertSign)."
    if _issuer_identifier(certificate) != _own_identifier(authority):
        yield "Its authority key identifier is not the subject key identifier of the authority; verifiers need both."


def _may_sign_certificates(authority: x509.Certificate) -> bool:
    constraints = extension(authority, x509.BasicConstraints)
    usage = extension(authority, x509.KeyUsage)
    return constraints is not None and constraints.ca and usage is not None and usage.key_cert_sign


def _issuer_identifier(certificate: x509.Certificate) -> bytes | None:
    found = extension(certificate, x509.AuthorityKeyIdentifier)
    return None if found is None else found.key_identifier


def _own_identifier(authority: x509.Certificate) -> bytes | None:
    found = extension(authority, x509.SubjectKeyIdentifier)
    return None if found is None else found.digest


def notes_on(certificate: x509.Certificate, *, signs_until: datetime) -> Iterator[str]:
    """What is no reason against it, but good to know."""
    if _issuer_identifier(certificate) is None:
        yield "It has no authority key identifier; some verifiers look for one."
    if certificate.not_valid_after_utc < signs_until + timedelta(days=settings.CERTIFICATE_DAYS):
        yield (
            f"It ends on {certificate.not_valid_after_utc:%Y-%m-%d}, so the last certificates that it signs are valid "
            f"for less than {settings.CERTIFICATE_DAYS} days."
        )


def is_signature_right(signer: Signer, certificate: x509.Certificate) -> bool:
    """Whether what `signer` signs is verified by `certificate`: the key matches, and whoever keeps it answers."""
    signature = signer.sign(_PROBE)
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(cose.as_der(signature, key.curve), _PROBE, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True

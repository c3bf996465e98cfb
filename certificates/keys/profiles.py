"""What the certificates of an authority and of a document signer hold (EU governance of certificates; DOMAIN 1.9)."""

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

AUTHORITY_DAYS = 4 * 365
SIGNER_DAYS = 2 * 365
# Of the two years of a signer it signs in the first half year; what it signed can be verified in the rest.
SIGNING_DAYS = 182
# A clock that is behind ours must not find a signer that is not valid yet, nor one that is younger than what it signed.
BACK_DATED = timedelta(hours=1)
VACCINATION = x509.ObjectIdentifier("1.3.6.1.4.1.1847.2021.1.2")


def new_private_key() -> ec.EllipticCurvePrivateKey:
    """A new private key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def name(common_name: str, country: str) -> x509.Name:
    """The subject of a certificate: state and name."""
    attributes = [(NameOID.COUNTRY_NAME, country), (NameOID.COMMON_NAME, common_name)]
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in attributes])


def authority_certificate(key: ec.EllipticCurvePrivateKey, *, subject: x509.Name, now: datetime) -> x509.Certificate:
    """The certificate of an authority (CSCA), signed by itself."""
    return (
        _builder(subject, subject, key.public_key(), now, timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def signer_certificate(
    public_key: ec.EllipticCurvePublicKey,
    *,
    subject: x509.Name,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    """The certificate of a document signer (DSC), signed by the authority and never valid longer than it."""
    period = min(timedelta(days=SIGNER_DAYS), authority.not_valid_after_utc - now)
    identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        _builder(subject, authority.subject, public_key, now, period)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([VACCINATION]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def signing_request(key: ec.EllipticCurvePrivateKey, *, subject: x509.Name) -> x509.CertificateSigningRequest:
    """A request (CSR) that an authority of elsewhere answers with a document signer's certificate."""
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(subject)
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([VACCINATION]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, period: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACK_DATED)
        .not_valid_after(now + period)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )

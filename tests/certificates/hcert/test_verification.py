"""Which texts are genuine certificates: the member states' own, ours, and what is refused for which reason."""

import itertools
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import base45
import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from certificates.hcert import trusted
from certificates.hcert.payload import payload
from certificates.hcert.refusals import Reason, Refusal
from certificates.hcert.signing import signed
from certificates.hcert.text import unfolded
from certificates.hcert.trusted import TrustedSigner, TrustedSigners
from certificates.hcert.verification import verify
from tests.certificates.hcert import signers
from tests.certificates.hcert.signers import IN_A_YEAR, NOW, PURPOSES
from tests.eu_codes import PublishedCode, each_published_code, needs_eu_codes, published

# What a published flag says when it is false, and how we say it.
FLAGS = {
    "UNPREFIX": {Reason.NO_PREFIX},
    "B45DECODE": {Reason.NOT_BASE45},
    "COMPRESSION": {Reason.NOT_COMPRESSED},
    "DECODE": {Reason.NOT_CBOR, Reason.NOT_SIGNED},
    "VERIFY": {Reason.UNKNOWN_SIGNER, Reason.WRONG_SIGNATURE},
    "SCHEMAVALIDATION": {Reason.NO_CERTIFICATE},
    "EXPIRATIONCHECK": {Reason.NOT_YET_VALID, Reason.EXPIRED, Reason.SIGNER_EXPIRED},
    "KEYUSAGE": {Reason.WRONG_PURPOSE},
}
# Their JSON belongs to other content than the signed code.
CONTRADICTIONS = {"FR/test_pcr_ok"}
CERTIFICATE = signers.certificate()


def code(**changed: Any) -> str:
    """The text of our code."""
    whole: dict[str, Any] = {"signer": signers.signer(), "issued_at": NOW, "expires_at": IN_A_YEAR}
    return signed(payload(signers.vaccination()), **whole | changed).text


def refused(text: str, by: object = None, at: datetime | None = NOW) -> Refusal:
    """The refusal of a text; by default our signer is trusted."""
    with pytest.raises(Refusal) as refusal:
        verify(text, [signers.signer().certificate] if by is None else by, at)  # type: ignore[arg-type]
    return refusal.value


@each_published_code
def test_a_published_code_behaves_as_its_state_says(code: PublishedCode) -> None:
    at = code.at if code.is_dated else None
    for_this = {reason for flag, meant in code.expected.items() if meant is False for reason in FLAGS[flag]}
    of = x509.load_der_x509_certificate(code.signer)
    if for_this:
        assert refused(code.text, [of], at).reason in for_this
        return
    genuine = verify(code.text, [of], at)
    assert genuine.entries
    if "VALIDJSON" in code.expected and code.file not in CONTRADICTIONS:
        assert genuine.payload == code.content


@needs_eu_codes
def test_a_published_code_is_found_to_be_of_its_signer_among_all_signers() -> None:
    everybody = TrustedSigners(map(x509.load_der_x509_certificate, {code.signer for code in published()}))
    found = 0
    for code in published():
        if False not in code.expected.values():
            genuine = verify(code.text, everybody, None)
            assert genuine.signer.public_bytes(Encoding.DER) == code.signer
            found += 1
    assert found > 130


def test_what_was_signed_is_read_back() -> None:
    genuine = verify(code(), [signers.signer().certificate], NOW)
    assert genuine.payload == payload(signers.vaccination())
    assert (genuine.kind, genuine.entry["dn"], genuine.uvci) == ("v", 2, signers.vaccination().uvci)
    assert (genuine.country, genuine.algorithm, genuine.kid) == ("CZ", -7, signers.signer().kid)
    assert (genuine.issued_at, genuine.expires_at) == (NOW - timedelta(minutes=1), IN_A_YEAR)
    assert genuine.signer == signers.signer().certificate
    assert len(genuine.signature) == 64


def test_every_changed_letter_of_a_code_is_noticed() -> None:
    text = code()
    chosen = random.Random(10)
    letters = base45.BASE45_CHARSET
    for place, letter in enumerate(text):
        for other in [letters[(letters.index(letter) + 1) % 45], chosen.choice(letters.replace(letter, ""))]:
            refused(text[:place] + other + text[place + 1 :])


def test_every_changed_byte_of_a_signed_message_is_noticed() -> None:
    content = unfolded(code())
    for place in range(len(content)):
        for mask in (1, 1 << place % 8, 0xFF):
            refused(signers.folded(content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :]))


def test_every_missing_and_doubled_letter_is_noticed() -> None:
    text = code()
    for place in range(len(text)):
        refused(text[:place] + text[place + 1 :])
        refused(text[:place] + text[place : place + 1] + text[place:])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.NO_PREFIX),
        ("https://example.cz/", Reason.NO_PREFIX),
        ("HC2:" + code()[4:], Reason.NO_PREFIX),
        (code().lower(), Reason.NOT_BASE45),
        ("HC1:abc", Reason.NOT_BASE45),
        ("HC1:ž", Reason.NOT_BASE45),
        ("HC1:A", Reason.NOT_BASE45),
        ("HC1::::", Reason.NOT_BASE45),
        ("HC1:", Reason.NOT_COMPRESSED),
        (signers.packed(b"\xd2\x84\x40\xa0\x40\x40"), Reason.NOT_COMPRESSED),
        (signers.folded(b""), Reason.NOT_CBOR),
        (signers.folded(b"\x84"), Reason.NOT_CBOR),
        (signers.text({}), Reason.NOT_SIGNED),
        (signers.text([]), Reason.NOT_SIGNED),
        (signers.text(b"\xf6"), Reason.NOT_SIGNED),
        (signers.text([b"", {}, None, b""]), Reason.NOT_SIGNED),
        (signers.text([b"\x01", {}, b"", b""]), Reason.NOT_SIGNED),
        (signers.text([b"", {}, b"", b"", b""]), Reason.NOT_SIGNED),
        (signers.text([b"", {4: b"12345678"}, b"", b""]), Reason.UNKNOWN_SIGNER),
        (signers.text([b"", {4: "12345678"}, b"", b""]), Reason.UNKNOWN_SIGNER),
        (signers.text([b"", {4: [[1]]}, b"", b""]), Reason.UNKNOWN_SIGNER),
    ],
    ids=itertools.count(),
)
def test_a_text_that_holds_no_signed_message_is_refused(text: str, reason: Reason) -> None:
    refusal = refused(text)
    assert (refusal.reason, refusal.genuine) == (reason, None)


def test_a_code_of_a_signer_who_is_not_trusted_is_refused() -> None:
    assert refused(code(), [CERTIFICATE]).reason == Reason.UNKNOWN_SIGNER
    assert refused(code(), []).reason == Reason.UNKNOWN_SIGNER


def test_a_code_signed_by_another_key_than_it_names_is_refused_though_both_are_trusted() -> None:
    other = signers.certificate(signers.key("other"))
    text = signers.text(signers.message(signers.claims(), by=signers.key("other")))
    assert refused(text, [signers.signer().certificate, other]).reason == Reason.WRONG_SIGNATURE


def test_every_signer_of_a_kid_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trusted, "kid_of", lambda certificate: signers.signer().kid)
    others = [signers.certificate(signers.key("other")), signers.certificate(signers.key("third"))]
    assert (
        verify(code(), [others[0], signers.signer().certificate, others[1]], NOW).signer == signers.signer().certificate
    )


def test_a_signature_on_p_384_is_taken_and_one_on_another_curve_is_not() -> None:
    large, other = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP256K1())
    of, of_other = signers.certificate(large), signers.certificate(other)
    assert verify(signers.text(signers.message(signers.claims(), by=large, of=of)), [of], NOW).algorithm == -7
    text = signers.text(signers.message(signers.claims(), by=other, of=of_other))
    assert refused(text, [of_other]).reason == Reason.WRONG_SIGNATURE


def test_a_trusted_signer_whose_key_nobody_knows_signs_nothing() -> None:
    der = signers.signer().certificate.public_bytes(Encoding.DER)
    # The curve's number becomes that of one which the library does not have.
    unknown = der.replace(bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d030102"))
    of = x509.load_der_x509_certificate(unknown)
    assert unknown != der
    assert refused(signers.text(signers.message(signers.claims(), of=of)), [of]).reason == Reason.WRONG_SIGNATURE


def test_a_signature_by_ps256_is_taken() -> None:
    of = signers.certificate(signers.rsa_key())
    text = signers.text(signers.message(signers.claims(), by=signers.rsa_key(), of=of))
    assert verify(text, [of], NOW).algorithm == -37


@pytest.mark.parametrize("algorithm", [-257, -8, 5, 0, "ES256", None, b"", [1], 2**63])
def test_an_algorithm_that_the_eu_does_not_use_is_refused(algorithm: object) -> None:
    headers = {1: algorithm, 4: signers.signer().kid}
    assert (
        refused(signers.text(signers.message(signers.claims(), protected=headers))).reason == Reason.UNKNOWN_ALGORITHM
    )


def test_an_algorithm_that_is_not_the_keys_is_refused() -> None:
    headers = {1: -37, 4: signers.signer().kid}
    assert refused(signers.text(signers.message(signers.claims(), protected=headers))).reason == Reason.WRONG_SIGNATURE


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    headers, unprotected, content, _signature = signers.message(signers.claims())
    assert refused(signers.text([headers, unprotected, content, b"\x01" * length])).reason == Reason.WRONG_SIGNATURE


@pytest.mark.parametrize("tags", [(), (18,), (18, 61), (61,), (18, 61, 55799)])
def test_tags_around_a_message_may_be_there_or_not(tags: tuple[int, ...]) -> None:
    verify(signers.text(signers.message(signers.claims()), tags=tags), [signers.signer().certificate], NOW)


@pytest.mark.parametrize("where", ["protected", "unprotected", "both", "all unprotected"])
def test_the_kid_may_stand_in_either_header(where: str) -> None:
    algorithm: dict[int, Any] = {1: -7}
    kid: dict[int, Any] = {4: signers.signer().kid}
    headers: dict[str, tuple[dict[int, Any], dict[int, Any]]] = {
        "protected": (algorithm | kid, {}),
        "unprotected": (algorithm, kid),
        "both": (algorithm | kid, {4: b"anything"}),
        "all unprotected": ({}, algorithm | kid),
    }
    protected, unprotected = headers[where]
    message = signers.message(signers.claims(), protected=protected, unprotected=unprotected)
    verify(signers.text(message), [signers.signer().certificate], NOW)


def test_a_wrong_kid_in_the_protected_header_is_not_helped_by_the_other_header() -> None:
    message = signers.message(
        signers.claims(), protected={1: -7, 4: b"12345678"}, unprotected={4: signers.signer().kid}
    )
    assert refused(signers.text(message)).reason == Reason.UNKNOWN_SIGNER


def test_a_message_without_kid_is_refused_though_the_key_would_fit() -> None:
    assert refused(signers.text(signers.message(signers.claims(), protected={1: -7}))).reason == Reason.UNKNOWN_SIGNER


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        (NOW - timedelta(minutes=7), Reason.NOT_YET_VALID),
        (NOW - timedelta(minutes=5), None),
        (NOW, None),
        (IN_A_YEAR, None),
        (IN_A_YEAR + timedelta(seconds=1), Reason.EXPIRED),
        (None, None),
    ],
)
def test_a_code_is_valid_in_its_time_and_clocks_may_differ_a_little(
    moment: datetime | None, reason: Reason | None
) -> None:
    if reason is None:
        verify(code(), [signers.signer().certificate], moment)
        return
    refusal = refused(code(), at=moment)
    assert refusal.reason == reason
    assert refusal.genuine
    assert refusal.genuine.uvci == signers.vaccination().uvci


def test_a_code_is_refused_outside_the_time_of_its_signer_though_its_own_time_is_longer() -> None:
    of = signers.certificate(begins=NOW - timedelta(days=1), ends=NOW + timedelta(days=1))
    text = signers.text(signers.message(signers.claims(issued_at=0), of=of))
    verify(text, [of], NOW)
    assert refused(text, [of], NOW + timedelta(days=2)).reason == Reason.SIGNER_EXPIRED
    assert refused(text, [of], NOW - timedelta(days=2)).reason == Reason.NOT_YET_VALID


@pytest.mark.parametrize(
    "moment",
    [
        NOW.timestamp() + 0.25,
        cbor2.CBORTag(1, int(NOW.timestamp())),
        cbor2.CBORTag(0, "2027-01-11T08:00:00Z"),
        "2027-01-11T09:00:00+01:00",
    ],
    ids=itertools.count(),
)
def test_a_moment_may_have_parts_of_a_second_or_a_tag_or_be_text(moment: object) -> None:
    text = signers.text(signers.message(signers.claims(issued_at=moment)))
    issued_at = verify(text, [signers.signer().certificate], NOW).issued_at
    assert issued_at
    assert abs(issued_at - NOW) < timedelta(seconds=1)


def test_claims_may_have_a_tag_of_their_own() -> None:
    tagged = cbor2.CBORTag(61, signers.claims())
    verify(signers.text(signers.message(tagged)), [signers.signer().certificate], NOW)


def test_a_code_without_an_end_has_none() -> None:
    text = signers.text(signers.message(signers.claims(expires_at=None)))
    assert verify(text, [signers.signer().certificate], NOW).expires_at is None


def test_moments_may_be_absent_or_beyond_the_calendar() -> None:
    text = signers.text(signers.message(signers.claims(issued_at=None, expires_at=2**64 - 1)))
    genuine = verify(text, [signers.signer().certificate], NOW)
    assert (genuine.issued_at, genuine.expires_at) == (None, datetime.max.replace(tzinfo=UTC))


@pytest.mark.parametrize("moment", ["tomorrow", "", -1, True, [], float("nan"), float("inf"), cbor2.CBORTag(0, "now")])
def test_a_moment_that_is_none_is_no_certificate(moment: object) -> None:
    text = signers.text(signers.message(signers.claims(expires_at=moment)))
    assert refused(text).reason == Reason.NO_CERTIFICATE


@pytest.mark.parametrize(
    ("issuer", "claimed"),
    [("DE", "DE"), ("de", "DE"), (None, ""), (7, ""), ("", ""), ("Germany", ""), ("D\0", ""), ("Ⅾe", "")],
)
def test_the_state_is_the_signers_whatever_the_code_claims(issuer: object, claimed: str) -> None:
    of = signers.certificate(country="SK")
    genuine = verify(signers.text(signers.message(signers.claims(issuer=issuer), of=of)), [of], NOW)
    assert (genuine.country, genuine.claimed_country) == ("SK", claimed)


def test_a_signer_whose_certificate_names_no_state_is_of_the_state_that_its_list_names() -> None:
    of = signers.certificate(country="")
    text = signers.text(signers.message(signers.claims(issuer="DE"), of=of))
    assert verify(text, TrustedSigners([TrustedSigner(of, listed_country="sk")]), NOW).country == "SK"
    assert verify(text, [of], NOW).country == ""


@pytest.mark.parametrize("kind", ["v", "t", "r"])
@pytest.mark.parametrize("spelling", ["", "0."])
def test_a_signer_for_one_purpose_signs_no_other(kind: str, spelling: str) -> None:
    purpose = PURPOSES[kind].replace("1.4.1.", f"1.4.1.{spelling}")
    of = signers.certificate(purposes=[purpose, "1.3.6.1.5.5.7.3.2"])
    text = signers.text(signers.message(signers.claims(), of=of))
    if kind == "v":
        assert verify(text, [of], NOW).kind == "v"
        return
    refusal = refused(text, [of])
    assert refusal.reason == Reason.WRONG_PURPOSE
    assert refusal.genuine


def test_a_signer_with_other_purposes_only_or_all_of_the_eus_may_sign() -> None:
    for purposes in (["1.3.6.1.5.5.7.3.2"], list(PURPOSES.values())):
        of = signers.certificate(purposes=purposes)
        verify(signers.text(signers.message(signers.claims(), of=of)), [of], NOW)


def changed(**fields: Any) -> dict[str, Any]:
    """The content of a code with other fields; of its entry where they are named so."""
    content = payload(signers.vaccination())
    entry = content["v"][0]
    for name, value in fields.items():
        target = entry if name in entry else content
        target[name] = value
    return content


TEST = {
    "tg": "840539006",
    "tt": "LP6464-4",
    "sc": "2021-05-01T10:00:00Z",
    "tr": "260415000",
    "co": "CZ",
    "is": "A",
    "ci": "B",
}


@pytest.mark.parametrize(
    "content",
    [
        changed(t=None, r=None),
        changed(t=[], r=[]),
        changed(dob=""),
        changed(dob="1964"),
        changed(dob="1964-03-14T00:00:00"),
        changed(dt="2021-05-01T00:00:00"),
        changed(dt=cbor2.CBORTag(1004, "2021-05-01")),
        changed(vp="J07BX03", mp="Unknown", ma="ORG-0"),
        changed(nam={"fnt": "A"}),
        changed(nam={"gn": "Olena", "gnt": "OLENA", "fn": None}),
        changed(v=payload(signers.vaccination())["v"] * 2),
        changed(more={"deeper": [1, 2.5, None, True]}),
        changed(v=None, t=[TEST]),
        *(changed(ver=version) for version in ("1.0.0", "v1.3.0", "1.0.0-rc1", None, 1)),
        changed(t=cbor2.undefined, r=cbor2.undefined),
        *(changed(dn=number, sd=number) for number in (2.0, "2", 0, True, None)),
        changed(dob=None),
        changed(dob=1964),
        changed(nam=None),
        changed(nam={"fnt": 1}),
        changed(**{"ma": None, "is": None, "ci": None}),
        changed(dt=cbor2.CBORTag(1, 1619827200)),
        changed(dt=cbor2.CBORTag(100, 18748)),
        changed(dt=cbor2.CBORTag(1, 2**64 - 1)),
        changed(dt=cbor2.CBORTag(100, 2**40)),
        changed(more=b"bytes"),
        changed(more={1: 2, (1, 2): 3}),
        changed(more=float("nan")),
        changed(more=cbor2.CBORSimpleValue(200)),
        changed(more=2**70),
        changed(more=cbor2.CBORTag(35, ".*")),
        changed(more=cbor2.CBORTag(4711, ["anything"])),
        {"dob": "1964", "v": [{"anything": 1}]},
    ],
    ids=itertools.count(),
)
def test_a_certificate_may_look_as_those_of_any_state(content: dict[str, Any]) -> None:
    genuine = verify(signers.text(signers.message(signers.claims(content))), [signers.signer().certificate], NOW)
    assert genuine.entry == genuine.payload[genuine.kind][-1]
    assert json.loads(json.dumps(genuine.payload, allow_nan=False)) == genuine.payload
    assert isinstance(genuine.uvci, str)


def test_values_in_other_forms_are_read_as_what_they_mean() -> None:
    odd = changed(dn=2.0, sd=2.5, dt=cbor2.CBORTag(100, 18748), t=cbor2.undefined, more=b"\x01")
    odd["v"][0]["co"] = cbor2.CBORTag(1, 1619827200)
    genuine = verify(signers.text(signers.message(signers.claims(odd))), [signers.signer().certificate], NOW)
    entry = genuine.entry
    assert (entry["dn"], type(entry["dn"]), entry["sd"]) == (2, int, 2.5)
    assert (entry["dt"], entry["co"]) == ("2021-05-01", "2021-05-01T00:00:00+00:00")
    assert (genuine.payload["t"], genuine.payload["more"]) == (None, "01")


def test_an_identifier_may_be_missing() -> None:
    text = signers.text(signers.message(signers.claims(changed(ci=None))))
    assert verify(text, [signers.signer().certificate], NOW).uvci == ""


@pytest.mark.parametrize(
    "content",
    [
        None,
        {},
        [],
        "HC1:",
        changed(v=[]),
        changed(v={}),
        changed(v=["ci"]),
        changed(v=[{}]),
        changed(t=[TEST]),
        changed(v=None, r={"fr": "2021-05-01"}),
        changed(v=cbor2.undefined),
        changed(nam=None, dob=None),
        changed(nam={"fnt": ""}, dob=""),
        changed(nam="Nováková", dob=cbor2.undefined),
    ],
    ids=itertools.count(),
)
def test_what_is_signed_but_no_certificate_is_refused(content: object) -> None:
    claims = signers.claims(content) if content is not None else {1: "CZ", -260: {}}
    refusal = refused(signers.text(signers.message(claims)))
    assert (refusal.reason, refusal.genuine) == (Reason.NO_CERTIFICATE, None)


@pytest.mark.parametrize("claims", [b"", b"\x84", 1, [], {}, {-260: {}}, {-260: []}, {-260: None}, b"\xa1\x80\x01"])
def test_a_signed_message_without_claims_is_refused(claims: object) -> None:
    assert refused(signers.text(signers.message(claims))).reason == Reason.NO_CERTIFICATE

"""Whatever a text holds, it is refused with a reason, soon and in little memory, and nothing else is raised."""

import time
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import base45
import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certificates.hcert.payload import payload
from certificates.hcert.refusals import Genuine, Reason, Refusal
from certificates.hcert.verification import verify
from tests.certificates.hcert import signers
from tests.certificates.hcert.signers import NOW

SECONDS = 0.05
# What refusing may hold at once, however much is sent: the text itself is the caller's.
BYTES = 400_000


NUMBERS = st.integers(-(2**80), 2**80) | st.floats()
LEAVES = st.none() | st.booleans() | NUMBERS | st.text(max_size=20) | st.binary(max_size=20)
THINGS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.integers(-300, 300) | st.text(max_size=3), inner, max_size=5)
        | st.builds(cbor2.CBORTag, st.sampled_from([0, 1, 2, 18, 28, 29, 35, 61, 100, 258, 1004, 4711]), inner)
    ),
    max_leaves=20,
)
ENTRIES = st.just(payload(signers.vaccination())["v"][0])
CONTENTS = st.fixed_dictionaries(
    {},
    optional={
        "ver": st.just("1.3.0") | THINGS,
        "nam": st.dictionaries(st.sampled_from(["fn", "fnt", "gn", "gnt"]), st.text() | LEAVES) | THINGS,
        "dob": st.just("1964") | THINGS,
        **{
            kind: st.lists(THINGS | st.just(payload(signers.vaccination())["v"][0]), max_size=3) | THINGS
            for kind in "vtr"
        },
    },
)
CLAIMS = st.fixed_dictionaries(
    {},
    optional={
        1: THINGS,
        4: NUMBERS | THINGS,
        6: NUMBERS | THINGS,
        -260: st.dictionaries(st.just(1), CONTENTS) | THINGS,
    },
)


def outcome(text: str) -> Genuine | Refusal:
    try:
        return verify(text, [signers.signer().certificate], NOW)
    except Refusal as refusal:
        return refusal


@pytest.mark.parametrize(
    ("things", "as_text"),
    [
        (st.text(), str),
        (st.text().map("HC1:{}".format), str),
        (st.text(base45.BASE45_CHARSET).map("HC1:{}".format), str),
        (st.binary(), signers.packed),
        (st.binary(), signers.folded),
        (st.binary().map(lambda data: zlib.compress(data)[2:]), signers.packed),
        (THINGS, signers.text),
        (st.lists(THINGS, min_size=4, max_size=4), signers.text),
        (st.tuples(st.binary(), st.dictionaries(st.integers(1, 4), THINGS), st.binary(), st.binary()), signers.text),
        (st.binary(), lambda data: signers.text(signers.message(data))),
        (THINGS, lambda thing: signers.text(signers.message(thing))),
        (CLAIMS, lambda claims: signers.text(signers.message(claims))),
        (THINGS, lambda thing: signers.text(signers.message(signers.claims(), protected={1: thing, 4: thing}))),
    ],
    ids=[
        "text",
        "prefixed",
        "base45",
        "packed",
        "folded",
        "not compressed",
        "cbor",
        "four things",
        "headers",
        "signed bytes",
        "signed things",
        "claims",
        "kid",
    ],
)
def test_whatever_it_holds_a_text_is_genuine_or_refused(
    things: st.SearchStrategy[Any], as_text: Callable[[Any], str]
) -> None:
    @settings(deadline=None, max_examples=40)
    @given(things)
    def judge(thing: Any) -> None:
        assert isinstance(outcome(as_text(thing)), Genuine | Refusal)

    judge()


DEEP = b"\x81" * 5_000 + b"\x00"
LONG = b"\x9a\x7f\xff\xff\xff"


def signed_bytes(data: bytes) -> str:
    return signers.text(signers.message(data))


def colliding_keys(count: int) -> dict[Any, int]:
    """A map whose keys have one hash each by the rule for small numbers: 2**61 - 1 more is the same."""
    return {number + (2**61 - 1) * more: 0 for more in range(8) for number in range(count // 8)}


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        pytest.param("HC1:" + "A" * 10_000_000, {Reason.TOO_LONG}, id="10 MB of text"),
        pytest.param("\u200b" * 10_000_000, {Reason.TOO_LONG}, id="10 MB of nothing to see"),
        pytest.param(" " * 8_000, {Reason.NO_PREFIX}, id="spaces"),
        pytest.param("HC1:" + "\u200b" * 7_996, {Reason.NOT_COMPRESSED}, id="nothing to see"),
        pytest.param("HC1:" + ":" * 7_996, {Reason.NOT_BASE45}, id="not base45"),
        pytest.param("HC1:" + "0" * 7_995, {Reason.NOT_COMPRESSED}, id="zeros"),
        pytest.param(signers.folded(b"\0" * 5_000_000), {Reason.TOO_LARGE}, id="5 MB of zeros, compressed"),
        pytest.param(signers.folded(b"\0" * 8_193), {Reason.TOO_LARGE}, id="a byte too many"),
        pytest.param(signers.folded(b"\0" * 8_192), {Reason.NOT_CBOR}, id="no byte too many"),
        pytest.param(signers.folded(DEEP), {Reason.NOT_CBOR}, id="deep lists"),
        pytest.param(signers.folded(b"\xa1" * 5_000 + b"\0"), {Reason.NOT_CBOR}, id="deep maps as keys"),
        pytest.param(signers.folded(b"\xc1" * 5_000 + b"\0"), {Reason.NOT_CBOR}, id="deep tags"),
        pytest.param(signers.folded(b"\xd2" * 8_000), {Reason.NOT_CBOR}, id="tags of messages"),
        pytest.param(signers.folded(LONG), {Reason.NOT_CBOR}, id="a list that claims to be long"),
        pytest.param(signers.folded(b"\x5b" + b"\x7f" * 8), {Reason.NOT_CBOR}, id="bytes that claim to be long"),
        pytest.param(signers.folded(b"\x5f" * 8_000), {Reason.NOT_CBOR}, id="bytes without end"),
        pytest.param(signers.folded(b"\x98\xff" * 15 + b"\0"), {Reason.NOT_CBOR}, id="long lists of long lists"),
        pytest.param(signers.folded(b"\xc2\x59\x1f\x00" + b"\xff" * 0x1F00), {Reason.NOT_CBOR}, id="a huge number"),
        pytest.param(signers.folded(cbor2.dumps([0] * 8_000)), {Reason.NOT_SIGNED}, id="a long list"),
        pytest.param(signers.text([b"", colliding_keys(700), b"", b""]), {Reason.UNKNOWN_SIGNER}, id="colliding keys"),
        pytest.param(signers.text([b"\xa0" * 8_000, {}, b"", b""]), {Reason.NOT_CBOR}, id="long headers"),
        pytest.param(signers.text([DEEP, {}, b"", b""]), {Reason.NOT_CBOR}, id="deep headers"),
        pytest.param(signers.text([b"", {4: b"\0" * 8_000}, b"", b""]), {Reason.UNKNOWN_SIGNER}, id="a long kid"),
        pytest.param(signed_bytes(DEEP), {Reason.NO_CERTIFICATE}, id="signed: deep lists"),
        pytest.param(signed_bytes(LONG), {Reason.NO_CERTIFICATE}, id="signed: a list that claims to be long"),
        pytest.param(
            signed_bytes(cbor2.dumps(signers.claims(expires_at=2**20_000))),
            {Reason.NO_CERTIFICATE},
            id="signed: a number",
        ),
    ],
)
def test_a_text_made_to_hurt_is_refused_soon_and_in_little_memory(text: str, reasons: set[Reason]) -> None:
    took = []
    # The least of three turns: the others may have been slow for reasons of the machine.
    for _turn in range(3):
        began = time.process_time()
        refusal = outcome(text)
        took.append(time.process_time() - began)
    assert isinstance(refusal, Refusal)
    assert refusal.reason in reasons
    assert min(took) < SECONDS
    tracemalloc.start()
    try:
        outcome(text)
        assert tracemalloc.get_traced_memory()[1] < BYTES
    finally:
        tracemalloc.stop()

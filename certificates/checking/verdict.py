"""The one answer to 'is this certificate genuine?', for the public page, for programs and for the command."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from certificates.hcert.refusals import Genuine, Reason, Refusal
from certificates.hcert.text import PREFIX
from certificates.hcert.verification import verify
from certificates.revocation import lists
from certificates.trust import freshness, signers


class Tone(StrEnum):
    """How an answer looks, besides its words and its sign."""

    GOOD = "success"
    BAD = "error"
    UNSURE = "warning"


class Outcome(TextChoices):
    """The answer in one line."""

    GENUINE = "GENUINE", _("The certificate is genuine")
    REVOKED = "REVOKED", _("The certificate was revoked")
    EXPIRED = "EXPIRED", _("The certificate has expired")
    NOT_YET_VALID = "NOT_YET_VALID", _("The certificate is not valid yet")
    SIGNER_EXPIRED = "SIGNER_EXPIRED", _("The signature is too old")
    WRONG_PURPOSE = "WRONG_PURPOSE", _("Its signer may not sign such a certificate")
    UNKNOWN_SIGNER = "UNKNOWN_SIGNER", _("We do not know who signed it")
    NOT_GENUINE = "NOT_GENUINE", _("The certificate is not genuine")
    UNREADABLE = "UNREADABLE", _("This is not the code of a certificate")


TONES = {Outcome.GENUINE: Tone.GOOD, Outcome.UNKNOWN_SIGNER: Tone.UNSURE, Outcome.UNREADABLE: Tone.UNSURE}
_ADVICE: dict[Outcome, str | Promise] = {
    Outcome.GENUINE: _("Compare the name and the date of birth with an identity document."),
    Outcome.REVOKED: _(
        "It was signed by the state named below, but that state took it back later. It counts no more. The person may "
        "have a newer one."
    ),
    Outcome.EXPIRED: _("Its signature is right, but its time is over. The person may have a newer one."),
    Outcome.NOT_YET_VALID: _("Its signature is right, but it counts only from a later day."),
    Outcome.SIGNER_EXPIRED: _(
        "Its signature is right, but the key that made it is no longer valid. The person needs a new certificate."
    ),
    Outcome.WRONG_PURPOSE: _(
        "Its signature is right, but the key that made it is meant for certificates of another kind. It does not count."
    ),
    Outcome.UNKNOWN_SIGNER: _(
        "The one who signed it is not on our list. It may be genuine, for example from a state whose signers we do not "
        "have, or it may be forged. We cannot tell, so we show nothing of what it says."
    ),
    Outcome.NOT_GENUINE: _(
        "Its signature does not fit. Somebody forged or changed it, or a part of the code was read wrongly: scan it "
        "once more to be sure."
    ),
    Outcome.UNREADABLE: _(
        "Use the large square code of an EU COVID certificate. Its text begins with HC1: and must be whole."
    ),
}
_NOTHING_WORTH = _("It does not count.")
_DETAILS: dict[Reason, str | Promise] = {
    Reason.TOO_LONG: _("The text is longer than any certificate."),
    Reason.NO_PREFIX: _("The text does not begin with HC1:."),
    Reason.NOT_BASE45: _("The text has letters that no certificate has, or a part of it is missing."),
    Reason.NOT_COMPRESSED: _("A part of the text is missing or was changed."),
    Reason.TOO_LARGE: _("It unfolds to more than any certificate holds."),
    Reason.NOT_CBOR: _("What it holds is not in the form of a certificate."),
    Reason.NOT_SIGNED: _("It carries no signature."),
    Reason.UNKNOWN_ALGORITHM: _("It is signed in a way that no EU certificate is signed in."),
    Reason.NO_CERTIFICATE: _("The signature is right, but it signs no health certificate."),
}
_OUTCOMES = {
    Reason.UNKNOWN_SIGNER: Outcome.UNKNOWN_SIGNER,
    Reason.UNKNOWN_ALGORITHM: Outcome.NOT_GENUINE,
    Reason.WRONG_SIGNATURE: Outcome.NOT_GENUINE,
    Reason.NO_CERTIFICATE: Outcome.NOT_GENUINE,
    Reason.NOT_SIGNED: Outcome.NOT_GENUINE,
    Reason.WRONG_PURPOSE: Outcome.WRONG_PURPOSE,
    Reason.NOT_YET_VALID: Outcome.NOT_YET_VALID,
    Reason.EXPIRED: Outcome.EXPIRED,
    Reason.SIGNER_EXPIRED: Outcome.SIGNER_EXPIRED,
}
# 'Quoted-printable' (RFC 2045) ends a line that goes on with an equals sign, which base45 does not have.
_BREAK_OF_EMAIL = re.compile(r"=\r?\n")


@dataclass(frozen=True)
class Verdict:
    """What there is to say about a text. `genuine` is what was signed; empty where the signature is not right."""

    outcome: Outcome
    reason: Reason | None  # the refusal of hcert, where that alone is the answer
    genuine: Genuine | None
    freshness: freshness.Freshness

    @property
    def is_genuine(self) -> bool:
        """Whether it is right in every way; no rule of a state about who may enter where is looked at."""
        return self.outcome is Outcome.GENUINE

    @property
    def tone(self) -> Tone:
        """How the answer looks."""
        return TONES.get(self.outcome, Tone.BAD)

    @property
    def advice(self) -> str:
        """What it means, and what to do."""
        is_wrong_form = self.outcome is Outcome.NOT_GENUINE and self.detail
        return str(_NOTHING_WORTH if is_wrong_form else _ADVICE[self.outcome])

    @property
    def detail(self) -> str:
        """What exactly is wrong, where the answer alone does not say it."""
        return str(_DETAILS.get(self.reason, "")) if self.reason else ""

    @property
    def code(self) -> str:
        """The answer as programs read it: why it is refused or, where nothing was, the outcome (docs/api.md)."""
        return str(self.reason or self.outcome)


def check(text: str, *, now: datetime) -> Verdict:
    """The verdict about the text of a code at the moment `now`. It writes nothing and logs nothing."""
    lists_of = freshness.freshness(now)
    try:
        genuine = verify(_from_its_beginning(text), signers.trusted(now), now)
    except Refusal as refusal:
        outcome = _OUTCOMES.get(refusal.reason, Outcome.UNREADABLE)
        if refusal.genuine and lists.is_revoked(refusal.genuine, now):
            return Verdict(Outcome.REVOKED, None, refusal.genuine, lists_of)
        return Verdict(outcome, refusal.reason, refusal.genuine, lists_of)
    outcome = Outcome.REVOKED if lists.is_revoked(genuine, now) else Outcome.GENUINE
    return Verdict(outcome, None, genuine, lists_of)


def _from_its_beginning(text: str) -> str:
    """The text without words before the code, and without the breaks that e-mail puts into long lines."""
    return _BREAK_OF_EMAIL.sub("", text[max(text.find(PREFIX), 0) :])

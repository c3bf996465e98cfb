"""Keeps the form as far as a person has filled it in, in their session, until they are registered.

A phone that falls asleep, a proof that ran out, a walk to find the insurer's card: nothing is typed
twice. What the person looks over before they send it is read from here, too.
It is encrypted, and it belongs to one telephone: the next person at a shared computer does not
find it.
"""

from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.http import QueryDict

from crs.session_encryption import seal, unseal

KEY = "registration_draft"
FIELDS = (
    *("first_name", "last_name", "latin_first_name", "latin_last_name"),
    *("identity", "insured_number", "insurer"),
    *("document_type", "document_country", "document_number", "birth", "sex"),
    *("guardian_name", "guardian_relation", "street", "city", "country", "postcode", "email"),
    *("is_immobile", "home_district", "region", "district", "reason", "code", "no_code"),
    # What was asked about once, and is meant so.
    *("number_noticed", "one_name_noticed", "email_noticed", "spelling_noticed"),
)
LIST_FIELD = "sites"
# Enough for whatever a person types, an e-mail address of 254 signs too; a session is no store for anything else.
LONGEST, MOST = 260, 20


def keep(session: SessionBase, typed: QueryDict, *, phone: str | None) -> dict[str, Any]:
    """Remember what was typed, for `phone` (None: for whichever telephone this browser proves next).

    Consent is not among it, neither the person's nor a guardian's: it is given with what is sent in the end.
    """
    values: dict[str, Any] = {name: typed.get(name, "")[:LONGEST] for name in FIELDS}
    values[LIST_FIELD] = [value[:LONGEST] for value in typed.getlist(LIST_FIELD)[:MOST]]
    session[KEY] = seal({"phone": phone, "values": values})
    return values


def change(session: SessionBase, **values: str) -> None:
    """Remember another answer than the one that was sent."""
    kept = unseal(session[KEY]) if KEY in session else None
    if kept:
        session[KEY] = seal({**kept, "values": kept["values"] | values})


def load(session: SessionBase, *, phone: str) -> dict[str, Any]:
    """The values typed for `phone`, which is proven, or for nobody yet; empty if none."""
    kept = unseal(session[KEY]) if KEY in session else None
    return kept["values"] if kept and kept["phone"] in (None, phone) else {}


def as_sent(values: dict[str, Any]) -> QueryDict:
    """The values as a browser would send them, for a form that checks them once more."""
    sent = QueryDict(mutable=True)
    for name, value in values.items():
        sent.setlist(name, value if name == LIST_FIELD else [value])
    return sent


def release(session: SessionBase) -> None:
    """Let what was typed wait for whichever telephone this browser proves next: the person changes theirs."""
    kept = unseal(session[KEY]) if KEY in session else None
    if kept:
        session[KEY] = seal({**kept, "phone": None})


def hand_over(session: SessionBase, *, phone: str) -> None:
    """`phone` is proven: what waited for it, or for nobody yet, is its own; another telephone's is forgotten."""
    kept = unseal(session[KEY]) if KEY in session else None
    if kept and kept["phone"] in (None, phone):
        session[KEY] = seal({**kept, "phone": phone})
    else:
        forget(session)


def forget(session: SessionBase) -> None:
    """The person is registered, or somebody else sits here now."""
    session.pop(KEY, None)

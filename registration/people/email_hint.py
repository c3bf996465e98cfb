"""A likely typing mistake in an e-mail address."""

from difflib import get_close_matches

# Where Czech people have their mail; the order does not matter.
KNOWN_DOMAINS = (
    "seznam.cz",
    "email.cz",
    "post.cz",
    "centrum.cz",
    "atlas.cz",
    "volny.cz",
    "tiscali.cz",
    "quick.cz",
    "gmail.com",
    "outlook.com",
    "outlook.cz",
    "hotmail.com",
    "icloud.com",
    "yahoo.com",
)
# Real providers that only look like a mistake for one of the above.
NOT_A_MISTAKE = frozenset({"gmx.com", "mail.com", "mail.cz", "email.com", "ymail.com", "centrum.sk", "post.sk"})
# Often typed, and closer to another provider than to the one that is meant.
OFTEN_MISTYPED = {"gmail.cz": "gmail.com", "gmai.com": "gmail.com", "icloud.cz": "icloud.com"}
CLOSENESS = 0.8


def suggestion(email: str) -> str | None:
    """The address that was probably meant, such as marie@seznam.cz for marie@seznma.cz; None if nothing is odd."""
    name, _at, domain = email.rpartition("@")
    typed = domain.lower()
    if typed in KNOWN_DOMAINS or typed in NOT_A_MISTAKE:
        return None
    if typed in OFTEN_MISTYPED:
        return f"{name}@{OFTEN_MISTYPED[typed]}"
    close = get_close_matches(typed, KNOWN_DOMAINS, n=1, cutoff=CLOSENESS)
    return f"{name}@{close[0]}" if close else None

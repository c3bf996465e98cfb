"""Guesses in which of our languages somebody is answered. Where nothing speaks for English it is Czech."""

import re
from collections.abc import Mapping

_CZECH_LETTERS = re.compile("[ěščřžýůťďňľ]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = frozenset({
    "the", "and", "you", "your", "for", "not", "with", "this", "that", "have", "has", "was", "were", "please",
    "hello", "dear", "thank", "thanks", "is", "are", "my", "we", "our", "how", "can", "could", "would",
    "about", "from", "regards", "cannot", "when", "where", "what", "which",
})  # fmt: skip
# As people write who have no Czech keyboard.
_CZECH = frozenset({
    "dobry", "den", "prosim", "dekuji", "dekujeme", "zdravim", "pozdravem", "ahoj", "vazeni", "jsem", "jsme",
    "neni", "nebo", "jak", "kdyz", "ktery", "ktera", "uz", "jeste", "pacient", "ockovani", "sarze", "vakcina",
    "lahvicka", "muzete", "nelze", "nefunguje", "hlasim", "diky",
})  # fmt: skip
# The first lines decide it.
_LOOKED_AT = 4000


def language_of(text: str, headers: Mapping[str, tuple[str, ...]]) -> str:
    """Code of the language in which the sender of a letter is answered: that of its words, else what its header claims.

    Programs claim the language of their menus, so the words go first.
    """
    start = text[:_LOOKED_AT].casefold()
    if _CZECH_LETTERS.search(start):
        return "cs"
    words = _WORD.findall(start)
    lead = sum(word in _ENGLISH for word in words) - sum(word in _CZECH for word in words)
    claimed = " ".join(headers.get("content-language", ()))[:100].casefold()
    return "en" if lead > 0 or (lead == 0 and claimed.startswith("en")) else "cs"

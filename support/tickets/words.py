"""Searching tickets by the beginnings of words, without accents; only covered words are kept."""

import re
import unicodedata
from itertools import islice

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from crs.plain_sql import execute
from support.models import Ticket

# PostgreSQL holds a megabyte of words in a row: these are at most 160 bytes each, or somewhat more without accents.
LONGEST_WORD = 40
WORDS_OF_A_TEXT = 2000
WORDS_OF_A_TICKET = 5000
WORDS_OF_A_QUESTION = 12

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"(?:crs|č|#)?[\W_]*0*([1-9][0-9]{0,17})", re.IGNORECASE)
_ADD = """
UPDATE support_ticket SET search = strip(coalesce(search, '') || to_tsvector('support_words', %(words)s))
WHERE id = %(ticket)s AND coalesce(length(search), 0) + %(count)s <= %(most)s
"""


def add_words(ticket_id: int, covered_text: str) -> None:
    """Let the ticket be found by these words too; where it has too many, not by these."""
    found = _words(covered_text, WORDS_OF_A_TEXT)
    if found:
        told = {"ticket": ticket_id, "words": " ".join(found), "count": len(found), "most": WORDS_OF_A_TICKET}
        execute(_ADD, told)


def find(tickets: QuerySet[Ticket], text: str) -> QuerySet[Ticket]:
    """Those with all words of the `text`, each of them by its beginning, or with this number."""
    found = _words(text, WORDS_OF_A_QUESTION)
    number = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    question = Q(pk=int(number[1])) if number else Q(pk=None)
    if found:
        beginnings = " & ".join(f"{word}:*" for word in found)
        question |= Q(search=SearchQuery(beginnings, config="support_words", search_type="raw"))
    return tickets.filter(question)


def has_too_many(text: str) -> bool:
    """Whether `text` has more words than are looked for."""
    return len(_words(text, WORDS_OF_A_QUESTION + 1)) > WORDS_OF_A_QUESTION


def _words(text: str, most: int) -> list[str]:
    """Its words, each once, as they are kept and looked for."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    cut = (match[0][:LONGEST_WORD] for match in _WORD.finditer(plain))
    return list(islice(dict.fromkeys(cut), most))

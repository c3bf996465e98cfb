"""Where a line may not break: numbers, dates and the short words of Czech and Ukrainian keep to what follows them.

The one list of such places. Texts of the code pass it when their catalogs are compiled (`crs/i18n.py`), formats of
dates when they are first asked for (`crs/formats/`), papers when they are printed (`crs/pdf/rendering.py`), and what
comes out of a row where a template says `|unbroken`: so a page pays next to nothing. A plain SMS has ordinary spaces,
for a no-break one would make it twice as long (`crs/messaging/gsm7.py`), and so have tables for spreadsheets.
"""

import re

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"

# A tag of HTML is left alone: `<a href`.
_TAG = r"<[^<>]*>"
# Prepositions and conjunctions of one letter, and a number in front of what it counts.
_SHORT_WORD = r"(?<![\w.<&/'’)-])[AIKOSUVZaikosuvzВЗУІЙОЯвзуійоя] (?=[^\W_]|[%{„“(<])"
_COUNT = r"(?<![\w.])(?<!\d{3} )\d+ (?=[^\W\d_]{2})|§ (?=\d)"
# 601 700 020, 7 000, 26. listopadu, 3. 5. 2027
_NUMBER = r"(?<=\d) (?=\d{3}(?!\d))|(?<=\d\.) (?=\d|[a-zá-žа-яіїє])"
# Praha 4, Dlouhá 12/3; 602 00, which may part from its town.
_ADDRESS = r"(?<=[^\W\d_]) (?=\d{1,4}(?:/\d+)?[a-z]?(?![\w:]|[ ]\d|\.[ ]?\w))|(?<!\d)\d{3} \d{2}(?!\d)"
_OF_TEXT = re.compile(rf"{_TAG}|{_SHORT_WORD}|{_COUNT}|{_NUMBER}")
_OF_DATA = re.compile(rf"{_TAG}|{_SHORT_WORD}|{_NUMBER}|{_ADDRESS}")
# What a text with forms for one, few and many counts: '%(number)s dávek'.
_COUNTED = re.compile(r"(%\(\w+\)[sd]|%[sd]|\{\w+\}) (?=[^\W\d_]{2})")
# The signs of a day, a month and a year in a format; 'р' is the Ukrainian year, 'v' the Czech 'at' of an hour. Where
# the month is a word, the year may begin a line: a telephone with large text has no room for all three.
_OF_DATE = re.compile(
    r"(?<=[jdnmEFNMb]) (?=[njmdEFNMby])|(?<=[jdnm]\.) (?=[nmEFNMby])|(?<=[nm.,]) (?=Y)|(?<=Y) (?=р)|(?<= v) "
)


def unbroken(text: str) -> str:
    """The text, plain or HTML, with a no-break space wherever a line may not end."""
    return _OF_TEXT.sub(_kept, text)


def unbroken_data(text: str) -> str:
    """An address or the name of a place with a no-break space wherever a line may not end: 'Praha 4'."""
    return _OF_DATA.sub(_kept, text)


def unbroken_count(text: str) -> str:
    """The form of a plural, as `unbroken`, with what it counts on the line of its number."""
    return _COUNTED.sub(rf"\1{NO_BREAK_SPACE}", unbroken(text))


def unbroken_date(date_format: str) -> str:
    """A format of Django's filter `date` whose day, month and year stay on one line."""
    return _OF_DATE.sub(NO_BREAK_SPACE, date_format)


def breakable(text: str) -> str:
    """The text with ordinary spaces, for programs."""
    return text.replace(NO_BREAK_SPACE, " ")


def _kept(found: re.Match[str]) -> str:
    whole = found[0]
    return whole if whole.startswith("<") else whole.replace(" ", NO_BREAK_SPACE)

"""Keys of rows, as our pages write them into addresses and hidden fields."""

# PostgreSQL's largest key has 19 digits; one of 18 always fits.
_MOST_DIGITS = 18


def row_key(text: str) -> int | None:
    """The key that stands there in digits; None for any other text, which is the key of no row."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None

"""Cuts strangers' text for messages and reports."""


def shortened(text: str) -> str:
    """`text` in 40 characters at most; those that cannot be printed are replaced."""
    printable = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return printable if len(printable) <= 40 else f"{printable[:39]}…"

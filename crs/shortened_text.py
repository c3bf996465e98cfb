"""Text of strangers, as it may stand in a message."""


def shortened(text: str) -> str:
    """`text` as it may stand in a report: 40 characters at most, none of them a control character."""
    printable = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return printable if len(printable) <= 40 else f"{printable[:39]}…"

"""People in a field: names and addresses as mailers write them, also those that no standard allows."""

import re

from crs.typed import plain
from support.letters.charsets import decoded
from support.letters.headers import unfolded, words
from support.letters.parts import NOBODY, Address

LONGEST_NAME = 200
LONGEST_ADDRESS = 320
MOST_ADDRESSES = 200
MOST_PIECES = 40
# Commas that are looked at: each of so many may have its name in two pieces, 'Novák, Jan <jan@example.cz>'.
MOST_COMMAS = 2 * MOST_ADDRESSES

# What a list is cut at: strings and addresses in brackets are whole, and so are encoded words, in which commas occur.
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.){0,500}+"|=\?[^?\s]{1,60}\?[bBqQ]\?[^?]{0,2000}\?=|<[^<>]*>|[,;]|\([^()]*\)|[^",;<>()=]+|.',
    re.DOTALL,
)
_BARE = re.compile(r'(?<![^\s<>()\[\]:;,"\\@])[^\s<>()\[\]:;,"\\@]{1,320}+@[^\s<>()\[\]:;,"\\]{1,320}')
_QUOTED_LOCAL = re.compile(r'"(?:[^"\\]|\\.){1,320}+"@[^\s<>()\[\]:;,"\\]{1,320}')
_ESCAPED = re.compile(r"\\(.)")


def addresses(field: bytes) -> tuple[Address, ...]:
    """Everybody in a field, in its order. A group's name is dropped; an empty group is nobody."""
    line = unfolded(field)
    text = line.decode("ascii") if line.isascii() else decoded(line).text
    found = _people(text)
    if "=?" in text and not any(one.address for one in found):
        found = _people(words(text))  # somebody has encoded the address too
    return found


def _people(text: str) -> tuple[Address, ...]:
    found: list[Address] = []
    name: list[str] = []
    address: str | None = None
    commas = 0
    for token in _TOKEN.finditer(text):
        piece = token[0]
        if piece.startswith("<") and piece.endswith(">"):
            address = piece[1:-1]
        elif piece not in (",", ";"):
            name.append(piece)
        else:
            commas += 1
            if commas > MOST_COMMAS or len(found) >= MOST_ADDRESSES:
                break
            one = _address("".join(name), address or "")
            # 'Novák, Jan <jan@example.cz>': a name cut at its comma goes on until an address comes.
            if one.address or address is not None or not one.name or piece == ";":
                found.append(one)
                name, address = [], None
            elif len(name) < MOST_PIECES:
                name.append(", ")
            else:
                name = []  # words without end, and nobody's
    found.append(_address("".join(name).removesuffix(", "), address or ""))
    return tuple(one for one in found if one != NOBODY)


def _address(name: str, bracketed: str) -> Address:
    bare = cleaned_address(bracketed)
    label = name.strip()[: LONGEST_NAME * 20]
    if ":" in label and not label.startswith('"') and "=?" not in label:
        label = label.rpartition(":")[2].strip()  # the name of a group
    # An address alone, or one beside its name in a comment: 'jan@example.cz (Jan)'.
    if not bracketed.strip() and "=?" not in label and (found := _QUOTED_LOCAL.search(label) or _BARE.search(label)):
        bare = cleaned_address(found[0])
        label = (label[: found.start()] + label[found.end() :]).strip()
    return Address(_name(label, bare), bare)


def _name(label: str, address: str) -> str:
    text = label
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        text = _ESCAPED.sub(r"\1", text[1:-1])
    text = plain(words(text)[: LONGEST_NAME * 2]).strip(" \"'")[:LONGEST_NAME]
    return "" if text.lower() == address.lower() else text


def cleaned_address(text: str) -> str:
    """An address with its domain in lower case; '' if it is none to which a letter could go."""
    text = text[: LONGEST_ADDRESS * 3]
    address = plain(text).strip(" <>'").removeprefix("mailto:").rstrip(".")
    local, at, domain = address.rpartition("@")
    # The route that old mailers wrote before an address: <@relay.example.cz:jan@example.cz>.
    if local.startswith("@"):
        local = local.rpartition(":")[2]
    if not local or not at or not domain or len(local) + len(domain) >= LONGEST_ADDRESS:
        return ""
    is_quoted = local.startswith('"') and local.endswith('"') and len(local) > 2
    if not is_quoted and re.search(r'[\s<>()\[\]:;,"\\@]', local):
        return ""
    return "" if re.search(r'[\s<>():;,"\\@]', domain) else f"{local}@{domain.lower()}"

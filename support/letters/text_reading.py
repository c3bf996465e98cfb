"""The process that reads HTML and quoted threads: it knows neither Django, nor the database, nor us.

Letters of strangers keep both libraries busy for as long as they like (100,000 nested elements: 20 s; 24 kB of 'On ':
30 s), and HTML is read by a library in C. So it is done here, where whoever asks can end it, with a cap on memory and
without files, sockets and other processes.
"""

import contextlib
import json
import re
from pathlib import Path

import nh3
from inscriptis import get_text
from mailparser_reply import EmailReplyParser

from certificates.checking.confinement import confine
from crs import own_process
from support.letters.plain_html import plain_rule, tidy

BYTES_OF_MEMORY = 640 * 1024 * 1024
# What text needs for its layout. No attribute stays, so no style that hides words and no address.
TAGS = {"p", "br", "div", "table", "tr", "td", "th", "ul", "ol", "li", "blockquote", "pre", "hr"}
TAGS |= {"h1", "h2", "h3", "h4", "h5", "h6"}
UNSEEN_TAGS = {"script", "style", "title"}
# libxml2 drops what lies deeper than 255 elements.
DEEPEST = 200
_TAG = re.compile(r"<(/?)([a-z0-9]+)[^<>]*>")
_parser = EmailReplyParser(languages=["cs", "en"])


def serve() -> None:
    """Answer each text; `support.letters.text_process` writes the questions."""
    # If the machine runs out of memory, this process goes first, and not the one that serves everybody.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    # Later no file can be opened: now the libraries load what they first need then.
    text_of("<p>x</p><table><tr><td>x</td></tr></table><ul><li>x</li></ul><blockquote><pre>x</pre></blockquote>")
    first_header("x\n\nOn 1 January 2027 X wrote:\n> x\n")
    confine(bytes_of_memory=BYTES_OF_MEMORY)
    own_process.serve(_answer)


def _answer(question: bytes) -> bytes:
    asked = json.loads(question)
    try:
        if asked["what"] == "html":
            return json.dumps({"text": text_of(asked["text"])}).encode()
        return json.dumps({"header": first_header(asked["text"])}).encode()
    except Exception:
        # The libraries raise whatever odd text brings about. What they say stays here: it may quote the letter.
        return b"{}"


def text_of(source: str) -> str:
    """The text of an HTML letter, with the layout of its paragraphs, lists and tables."""
    cleaned = nh3.clean(
        source.encode("utf-8", "replace").decode(), tags=TAGS, attributes={}, clean_content_tags=UNSEEN_TAGS
    )
    if _depth(cleaned) > DEEPEST:
        return plain_rule(cleaned)
    return tidy(get_text(cleaned)) if cleaned.strip() else ""


def _depth(cleaned: str) -> int:
    depth = deepest = 0
    for tag in _TAG.finditer(cleaned):
        if tag[2] not in ("br", "hr"):
            depth += -1 if tag[1] else 1
            deepest = max(deepest, depth)
    return deepest


def first_header(text: str) -> str:
    """The lines with which a mail program begins to quote, the first in the text; '' where there are none."""
    replies = _parser.read(text).replies
    return next((reply.headers or "" for reply in replies if reply.headers), "")

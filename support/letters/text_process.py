"""Asks the process that reads texts of strangers (text_reading.py) on behalf of html_text.py and folding.py."""

import json
import os

from crs.own_process import OwnProcess

# A new process takes half a second, and no letter leaves more in it than so many others see.
TEXTS_OF_A_PROCESS = 500
MOST_BYTES_OF_ANSWER = 16 * 1024 * 1024

worker = OwnProcess(
    "support.letters.text_reading",
    questions=TEXTS_OF_A_PROCESS,
    # It reads what strangers send: our secrets are none of its business.
    environment={name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ},
)


def ask(what: str, text: str, *, seconds: float) -> bytes:
    """The answer, JSON, about a text. Raises Busy and Lost."""
    question = json.dumps({"what": what, "text": text})  # a lone half of a pair of surrogates goes through, too
    return worker.ask(question.encode(), seconds=seconds, most_bytes=MOST_BYTES_OF_ANSWER)

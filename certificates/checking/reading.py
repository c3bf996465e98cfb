"""Has the code of a certificate found in a file that somebody sent, by a process of its own (decoding.py)."""

import json
import os

from django.conf import settings

from certificates.checking.errors import DecoderBusy
from certificates.checking.found import Found, Trouble
from crs.own_process import Busy, Lost, OwnProcess

# A new process takes a sixth of a second, and no file leaves more in it than so many others see.
FILES_OF_A_PROCESS = 50
# An answer holds one text of a code, of which none is longer than 4,296 characters.
MOST_BYTES_OF_ANSWER = 64 * 1024

_decoder = OwnProcess(
    "certificates.checking.decoding",
    questions=FILES_OF_A_PROCESS,
    # It opens what strangers send: our secrets are none of its business.
    environment={name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ},
)


def code_in_file(content: bytes, *, password: str = "") -> Found:
    """What the picture or PDF holds. Neither file nor password is written anywhere.

    Takes no longer than `FILE_CHECK_SECONDS`; half of them it waits for other files. Raises DecoderBusy.
    """
    head = json.dumps({"password": password}).encode()
    try:
        answer = _decoder.ask(
            head + b"\n" + content, seconds=settings.FILE_CHECK_SECONDS / 2, most_bytes=MOST_BYTES_OF_ANSWER
        )
        return _read(answer)
    except Busy as error:
        raise DecoderBusy from error
    except Lost:
        # It was late, or died of this file, mostly for want of memory: the next try would not be better.
        return Found(trouble=Trouble.TOO_MUCH_WORK)
    except (ValueError, KeyError, TypeError):
        return Found(trouble=Trouble.BROKEN)


def _read(answer: bytes) -> Found:
    read = json.loads(answer)
    trouble = None if read["trouble"] is None else Trouble(read["trouble"])
    return Found(str(read["text"]), trouble, int(read["page"]), int(read["pages"]))

"""Another maker's reader of EU certificates, in a process of its own: it wants an older cbor2 than we have.

Reads {"certificate": PEM, "text": HC1:…} as JSON from stdin, writes the payload as JSON; fails where `cwt` refuses.
"""

import importlib
import json
import sys
import zlib
from typing import Any

import base45


def main() -> None:
    """Read, check and write one certificate."""
    cwt: Any = importlib.import_module("cwt")
    asked = json.load(sys.stdin)
    signer = cwt.load_pem_hcert_dsc(asked["certificate"])
    claims = cwt.decode(zlib.decompress(base45.b45decode(asked["text"].removeprefix("HC1:"))), keys=[signer])
    json.dump(cwt.Claims.new(claims).hcert[1], sys.stdout)


if __name__ == "__main__":
    main()

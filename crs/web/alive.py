"""A container's health check: `python -m crs.web.alive --port 8000 --pid-file FILE`.

A container engine notes that a container is unhealthy and leaves it at that. So a server that does not
answer three times in a row is killed here; with its main process the container ends and is started again.
"""

import argparse
import http.client
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

TRIES = 3
SECONDS_TO_ANSWER = 5
SECONDS_BETWEEN_TRIES = 2
# So long a server may need until it answers for the first time.
SECONDS_TO_START = 60

# A process on this machine is asked directly: the environment may name a proxy for the way out.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def main() -> int:
    """0 where the server answers; 1 where it does not and was, unless it is just starting, killed."""
    parser = argparse.ArgumentParser(prog="python -m crs.web.alive", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pid-file", type=Path, required=True)
    chosen = parser.parse_args()
    for _ in range(TRIES):
        if status(f"http://127.0.0.1:{chosen.port}/healthz", seconds=SECONDS_TO_ANSWER) == http.HTTPStatus.OK:
            return 0
        time.sleep(SECONDS_BETWEEN_TRIES)
    if time.time() - chosen.pid_file.stat().st_mtime > SECONDS_TO_START:
        sys.stderr.write("The web server does not answer and is ended.\n")
        os.kill(int(chosen.pid_file.read_text()), signal.SIGKILL)
    return 1


def status(address: str, *, seconds: float) -> int | None:
    """The HTTP status with which the process at `address` answers; None where nothing does for `seconds`."""
    try:
        with _opener.open(address, timeout=seconds) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, http.client.HTTPException):
        return None


if __name__ == "__main__":
    sys.exit(main())

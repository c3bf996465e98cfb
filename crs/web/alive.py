"""A container's health check: `python -m crs.web.alive --port 8000 --pid-file FILE`.

A container engine notes that a container is unhealthy and leaves it at that. So a server that does not
answer three times in a row is killed here; with its main process the container ends and is started again.
"""

import argparse
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


def main() -> int:
    """0 where the server answers; 1 where it does not and was, unless it is just starting, killed."""
    parser = argparse.ArgumentParser(prog="python -m crs.web.alive", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pid-file", type=Path, required=True)
    chosen = parser.parse_args()
    for _ in range(TRIES):
        if _answers(chosen.port):
            return 0
        time.sleep(SECONDS_BETWEEN_TRIES)
    if time.time() - chosen.pid_file.stat().st_mtime > SECONDS_TO_START:
        sys.stderr.write("The web server does not answer and is ended.\n")
        os.kill(int(chosen.pid_file.read_text()), signal.SIGKILL)
    return 1


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=SECONDS_TO_ANSWER):
            return True
    except (OSError, urllib.error.URLError):
        return False


if __name__ == "__main__":
    sys.exit(main())

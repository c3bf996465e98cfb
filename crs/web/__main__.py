"""Starts the web server: `python -m crs.web [--host 127.0.0.1] [--port 8000] [--pid-file FILE]`."""

import argparse
import os
import resource
import sys

# Connections that a process holds at once. One that is silent costs a few kilobytes and no thread.
CONNECTIONS = 4096
# How long headers may take, and how long a kept-alive connection may be idle. The proxy's own
# connections to us are idle for less (deploy/nginx/nginx.conf), so it never meets one that just closed.
SECONDS_FOR_HEADERS = 15
SECONDS_TO_STOP = 5


def arguments(*, host: str, port: int) -> list[str]:
    """Settings of granian. `WEB_PROCESSES` of the environment is one per core; 2 where it is not set."""
    return [
        *("--interface", "rsgi", "--loop", "uvloop", "--no-ws"),
        *("--host", host, "--port", str(port), "--workers", os.environ.get("WEB_PROCESSES", "2")),
        # HTTP/1 only: while it guesses the version, granian waits for a first byte without a time-out.
        *("--http", "1", "--http1-header-read-timeout", str(SECONDS_FOR_HEADERS * 1000)),
        *("--http1-buffer-size", str(64 * 1024)),
        *("--backlog", str(CONNECTIONS), "--backpressure", str(CONNECTIONS)),
        *("--workers-lifetime", "12h", "--respawn-failed-workers"),
        *("--workers-kill-timeout", str(SECONDS_TO_STOP)),
        *("--log-level", "error", "crs.web.application:application"),
    ]


def main() -> None:
    """Become granian; the arguments' names are those of its own."""
    parser = argparse.ArgumentParser(prog="python -m crs.web", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--pid-file", help="where crs.web.alive finds the server")
    chosen = parser.parse_args()
    # A shell's usual 1,024 open files would be the limit of connections before ours is.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    command = [sys.executable, "-m", "granian", *arguments(host=chosen.host, port=chosen.port)]
    if chosen.pid_file:
        command += ["--pid-file", chosen.pid_file]
    os.execv(sys.executable, command)  # noqa: S606


if __name__ == "__main__":
    main()

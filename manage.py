#!/usr/bin/env python3
"""The door of operations: every command of CRS starts here."""

import os
import sys

# These neither read nor write the database.
COMMANDS_WITHOUT_SERVERS = {"collectstatic", "compile_translations", "help", "update_translations", "version"}
# These run for ever, and wait for the database no longer than a worker does.
SERVERS = {"receive_mail"}


def main() -> None:
    """Run the command named on the command line, with the embedded servers held where they are used."""
    from crs import embedded, time_limits

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crs.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command in SERVERS:
        time_limits.begin(time_limits.WORKER)
    if command not in COMMANDS_WITHOUT_SERVERS and "--help" not in sys.argv:
        embedded.hold()
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    finally:
        embedded.release()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        # Our commands answer Ctrl-C themselves; this one came while Python was still importing them.
        sys.stderr.write("Stopped before it began.\n")
        sys.exit(130)

"""`make bench`: what CRS costs in processor time, beside yardsticks that run in turn with it.

Prints a line for each figure and writes all of them to bench.json. docs/performance.md says how to read them.
"""

import argparse
import importlib
import os
import sys
import tempfile
from pathlib import Path

from tests.stack import Stack

# Modules of this folder.
SECTIONS = {
    "reservations": "POST of the chosen time, against a bare view and pgbench",
    "pairs": "both doses by the operations, against the SQL function alone",
    "calendars": "reservations with the sums of seats and without; lists of 300 and 3,000 sites (--slots)",
    "pages": "each page of a citizen, against a bare page",
    "walk": "a citizen's whole way, with the worker that sends the messages",
    "registration": "the form and its POST, against a bare form view; then 10,000 people register (--seconds 400)",
    "vaccination": "a dose against a bare view, the list of a day, doses on 300 sites at once",
    "issuing": "certificates that are due, against bare signing and inserting",
    "codes": "codes of certificates signed and verified, against the bare signature",
    "papers": "certificates on paper, against the bare WeasyPrint page, with the memory of a thousand (--seconds 400)",
    "letters": "10,000 letters to the help desks against the stdlib's parse, with memory; the desk's lists with them",
    "report": "the public report with 300 and 3,000 sites, against the bare page",
    "invitations": "PIN2 for people of a million who wait: a second of it, and the memory of a run (--seconds 400)",
    "replanning": "10,000 bookings planned, published and taken back",
    "waiting": "a million people who wait: the preview of a rule, a place in the order",
    "stock": "imports of the ministry's stock files, against COPY",
    "campaign": "a sample of the real campaign replayed, last tenth against the first (five minutes)",
}
SECONDS = 40.0
# What grows with the number of people shows late.
SECONDS_OF_CAMPAIGN = 300.0
WIDE_LIMIT = "100000/h"


def main() -> None:
    """Measure, print, write bench.json; exits 1 when an answer was not what it should be."""
    parser = argparse.ArgumentParser(
        prog="make bench",
        usage='make bench [ARGS="[--seconds N] [--slots N] [SECTION ...]"]',
        description="Processor time of CRS as ratios to yardsticks of the same run.",
        epilog="\n".join(["sections (all of them where none is named):", *_lines(SECTIONS)]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sections", nargs="*", metavar="SECTION", help="what to measure")
    parser.add_argument(
        "--seconds",
        type=float,
        help=f"about how long each section goes on ({SECONDS:.0f}, campaign {SECONDS_OF_CAMPAIGN:.0f}): "
        "the longer, the surer",
    )
    parser.add_argument(
        "--slots",
        type=int,
        default=810_000,
        help="how many slots `calendars` makes (810,000); 5000000, as in the real country, take minutes and 3 GB",
    )
    chosen = parser.parse_args()
    if unknown := set(chosen.sections) - set(SECTIONS):
        parser.error(f"there is no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    # In this order: whoever registers in one is invited in the next, and `campaign` throws all of them away.
    sections = [name for name in SECTIONS if name in (chosen.sections or SECTIONS)]
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(
            "bench",
            logs=Path(folder),
            has_worker="walk" in sections,
            is_durable=True,
            LOG_LEVEL="WARNING",
            # All people of the bench come from one address.
            PINS_PER_ADDRESS=WIDE_LIMIT,
            LOGINS_PER_ADDRESS=WIDE_LIMIT,
            # On a busy machine a paper may take long; what it costs is measured, not how soon it comes.
            PAPER_SECONDS="120",
        ) as stack,
    ):
        os.environ.update(
            {name: stack.environment[name] for name in ("EMBEDDED_DATABASE", "CACHE_PREFIX", "PUBLIC_URL")}
        )
        os.environ["DJANGO_SETTINGS_MODULE"] = "crs.settings"
        import django

        django.setup()
        from django.db import connection

        from tests.bench import population
        from tests.bench.sides import Sides

        try:
            sides = Sides.prepare(stack, slots=chosen.slots)
            figures: dict[str, object] = {}
            for name in sections:
                _say(f"{name}: {SECTIONS[name]}")
                section = importlib.import_module(f"tests.bench.{name}")
                usual = SECONDS_OF_CAMPAIGN if name == "campaign" else SECONDS
                figures |= section.measure(sides, seconds=chosen.seconds or usual, say=_say)
        finally:
            connection.close_pool()  # type: ignore[attr-defined]
        population.save(Path("bench.json"), figures)
        _say("written to bench.json")


def _lines(sections: dict[str, str]) -> list[str]:
    return [f"  {name:14}{what}" for name, what in sections.items()]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""The functions that hold and release seats in one round trip (docs/adr/0006-reserve-in-one-call.md).

A function that has been released is changed by a new file and a new migration, never in place.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    """Booking functions."""

    dependencies = [
        ("reservation", "0002_lean_indexes"),
        ("registration", "0001_initial"),
        ("logistics", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            (SQL / "0003_second_dose_slot.sql").read_text(),
            "DROP FUNCTION reservation_second_dose_slot(bigint, timestamptz, bigint[])",
        ),
        migrations.RunSQL(
            (SQL / "0003_take_seats.sql").read_text(),
            "DROP FUNCTION reservation_take_seats(bigint, timestamptz, integer);"
            "DROP FUNCTION reservation_swap_seats(bigint[], bigint, timestamptz, integer)",
        ),
        migrations.RunSQL(
            (SQL / "0003_hold_pair.sql").read_text(),
            "DROP FUNCTION reservation_hold_pair(bigint, bigint, timestamptz, timestamptz, varchar)",
        ),
        migrations.RunSQL(
            (SQL / "0003_release.sql").read_text(),
            "DROP FUNCTION reservation_release(uuid, bigint, varchar, varchar);"
            "DROP FUNCTION reservation_release_expired(timestamptz, integer)",
        ),
    ]

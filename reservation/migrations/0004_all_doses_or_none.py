"""The database itself keeps 'a reservation has both its doses or none'."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    """Deferred constraint triggers."""

    dependencies = [("reservation", "0003_booking_functions")]

    operations = [
        migrations.RunSQL(
            (SQL / "0004_all_doses.sql").read_text(),
            "DROP TRIGGER reservation_gets_no_other_dose ON reservation_appointment;"
            "DROP TRIGGER reservation_keeps_all_doses ON reservation_appointment;"
            "DROP TRIGGER reservation_lives_again_with_all_doses ON reservation_reservation;"
            "DROP TRIGGER reservation_has_all_doses ON reservation_reservation;"
            "DROP FUNCTION reservation_gets_no_other_dose();"
            "DROP FUNCTION reservation_keeps_all_doses();"
            "DROP FUNCTION reservation_has_all_doses();"
            "DROP FUNCTION reservation_require_all_doses(uuid)",
        ),
    ]

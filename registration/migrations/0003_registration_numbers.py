"""The sequence of registration numbers: eight digits, so that with the check digit there are nine."""

from django.db import migrations


class Migration(migrations.Migration):
    """See above."""

    dependencies = [("registration", "0002_pin_guessing")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE registration_number_seq MINVALUE 10000000 MAXVALUE 99999999 START 10000000",
            "DROP SEQUENCE registration_number_seq",
        ),
    ]

"""Whose invitations are paused does not wait; who stands on the waiting list does."""

from pathlib import Path

from django.db import migrations

_HERE = Path(__file__).parent


class Migration(migrations.Migration):
    """The views of 0003 with another question in the first of them."""

    dependencies = [
        ("reservation", "0014_links"),
    ]

    operations = [
        migrations.RunSQL(
            (_HERE / "sql_0015" / "waiting.sql").read_text(),
            (_HERE / "sql_0003" / "waiting.sql").read_text(),
        ),
    ]

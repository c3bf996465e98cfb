"""Sum the slots that there are already."""

from django.db import migrations


class Migration(migrations.Migration):
    """See above."""

    dependencies = [("reservation", "0005_free_seats")]

    operations = [
        migrations.RunSQL(
            "SELECT reservation_sum_seats_anew((timezone('Europe/Prague', now()))::date - 95, now())",
            migrations.RunSQL.noop,
        ),
    ]

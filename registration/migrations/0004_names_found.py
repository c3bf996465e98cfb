"""Names are kept as `crs.typed.plain` leaves them, and people are found by all words of them, through one index."""

from django.db import migrations, models
from django.db.models import Q

from crs.sql_files import frozen
from registration.models.people import IsPlain

# As they were called then.
NAMES = ("first_name", "last_name", "latin_first_name", "latin_last_name")


class Migration(migrations.Migration):
    """See above."""

    dependencies = [("registration", "0003_last_dose")]

    operations = [
        frozen(__file__, "is_plain"),
        migrations.AddConstraint(
            "person",
            models.CheckConstraint(condition=Q(*(IsPlain(name) for name in NAMES)), name="names_are_plain"),
        ),
        frozen(__file__, "name_words"),
        frozen(__file__, "name_parts"),
        frozen(__file__, "name_query"),
        migrations.RunSQL(
            "CREATE INDEX person_by_name_parts ON registration_person"
            " USING gin (registration_name_parts(first_name, last_name, latin_first_name, latin_last_name))",
            "DROP INDEX person_by_name_parts",
        ),
    ]

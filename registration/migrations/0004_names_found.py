"""People are found by all words of their names, through one index."""

from django.db import migrations

from crs.sql_files import frozen


class Migration(migrations.Migration):
    """See above."""

    dependencies = [("registration", "0003_last_dose")]

    operations = [
        frozen(__file__, "name_words"),
        frozen(__file__, "name_parts"),
        frozen(__file__, "name_query"),
        migrations.RunSQL(
            "CREATE INDEX person_by_name_parts ON registration_person"
            " USING gin (registration_name_parts(first_name, last_name, latin_first_name, latin_last_name))",
            "DROP INDEX person_by_name_parts",
        ),
    ]

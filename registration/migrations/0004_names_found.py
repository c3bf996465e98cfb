"""Names are kept as `crs.typed.plain` leaves them, and people are found by all words of them, through one index."""

from django.db import migrations, models
from django.db.models import Q

from crs.sql_files import frozen
from registration.models.people import IsPlain

# As they were called then.
NAMES = ("first_name", "last_name", "latin_first_name", "latin_last_name")

# Names were kept as they were pasted so far. Those are cleaned; their history keeps what was typed.
CLEAN = r"""
CREATE OR REPLACE FUNCTION pg_temp.cleaned(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT normalize(btrim(regexp_replace(regexp_replace(regexp_replace(name,
        '[\u0009-\u000D\u001C-\u001F\u0085\u00A0\u2028\u2029\u202F\u2800\u3164\uFFA0]', ' ', 'g'),
        '[\u0001-\u001F\u007F-\u009F\u00AD\u061C\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F'
        '\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFE00-\uFE0F\uFEFF\U000E0000-\U000E0FFF]', '', 'g'),
        ' +', ' ', 'g')), NFC)
$$;
UPDATE registration_person
SET first_name = pg_temp.cleaned(first_name), last_name = pg_temp.cleaned(last_name),
    latin_first_name = pg_temp.cleaned(latin_first_name), latin_last_name = pg_temp.cleaned(latin_last_name)
WHERE NOT (registration_is_plain(first_name) AND registration_is_plain(last_name)
    AND registration_is_plain(latin_first_name) AND registration_is_plain(latin_last_name));
-- No check may wait for the end: the table is altered next.
SET CONSTRAINTS ALL IMMEDIATE
"""


class Migration(migrations.Migration):
    """See above."""

    dependencies = [("registration", "0003_last_dose")]

    operations = [
        frozen(__file__, "is_plain"),
        migrations.RunSQL(CLEAN, migrations.RunSQL.noop),
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

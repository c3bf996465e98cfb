"""What registrations keep of the last and the first dose, for people who had doses before it was kept."""

from django.db import migrations

# What `registration.applying.course.keep` writes with each dose from now on.
FILL = """
UPDATE registration_registration r
SET last_dose_on = given.last_on, last_vaccine_id = given.last_one, first_vaccine_id = given.first_one
FROM (
    SELECT coalesce(p.merged_into_id, p.id) AS person,
           (timezone('Europe/Prague', max(d.given_at)))::date AS last_on,
           (array_agg(d.vaccine_id ORDER BY d.given_at DESC))[1] AS last_one,
           (array_agg(d.vaccine_id ORDER BY d.given_at))[1] AS first_one
    FROM vaccination_dose d
    JOIN registration_person p ON p.id = d.person_id
    WHERE d.state = 'VALID'
    GROUP BY 1
) given
WHERE given.person = r.person_id AND r.doses_received > 0 AND r.last_dose_on IS NULL
"""


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [
        ("registration", "0003_last_dose"),
        ("vaccination", "0003_observation_times"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]

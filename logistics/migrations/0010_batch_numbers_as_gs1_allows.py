"""Batches have the numbers that GS1 allows, and no others."""

import django.core.validators
from django.db import migrations, models

# Numbers of hyphens alone could be recorded so far. Such a batch is named after its key; its history keeps what was
# typed.
NAME_THE_NAMELESS = """
UPDATE logistics_batch SET number = 'NO-NUMBER-' || id
WHERE number <> '' AND number !~ '^(?=.*[0-9A-Z])[!"%-?A-Z_]{1,20}$';
-- No check may wait for the end: the table is altered next.
SET CONSTRAINTS ALL IMMEDIATE
"""


class Migration(migrations.Migration):
    """The validator of the field, and the check that holds it in the database."""

    dependencies = [
        ("logistics", "0009_days_and_doses_are_there"),
    ]

    operations = [
        migrations.AlterField(
            model_name="batch",
            name="number",
            field=models.CharField(
                blank=True,
                help_text="As printed on the vial. Empty: the batch is not published.",
                max_length=20,
                validators=[
                    django.core.validators.RegexValidator(
                        '^(?=.*[0-9A-Z])[!"%-?A-Z_]{1,20}$', "1 to 20 capital letters, digits or signs such as - / . _"
                    )
                ],
                verbose_name="batch number",
            ),
        ),
        migrations.AlterField(
            model_name="batchevent",
            name="number",
            field=models.CharField(
                blank=True,
                help_text="As printed on the vial. Empty: the batch is not published.",
                max_length=20,
                validators=[
                    django.core.validators.RegexValidator(
                        '^(?=.*[0-9A-Z])[!"%-?A-Z_]{1,20}$', "1 to 20 capital letters, digits or signs such as - / . _"
                    )
                ],
                verbose_name="batch number",
            ),
        ),
        migrations.RunSQL(NAME_THE_NAMELESS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("number", ""), ("number__regex", '^(?=.*[0-9A-Z])[!"%-?A-Z_]{1,20}$'), _connector="OR"
                ),
                name="batch_number_as_gs1_allows",
            ),
        ),
    ]

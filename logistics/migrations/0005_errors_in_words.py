"""Schema: what a broken rule says to whoever typed it; nothing changes in the database."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """Messages of two constraints."""

    dependencies = [("logistics", "0004_type_may_be_unknown")]

    operations = [
        migrations.AlterConstraint(
            model_name="doseinterval",
            name="interval_is_ordered",
            constraint=models.CheckConstraint(
                condition=Q(min_days__gt=0, min_days__lte=F("ideal_days"), ideal_days__lte=F("max_days")),
                name="interval_is_ordered",
                violation_error_message="The days must rise: at least, ideal, at most.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="vaccinationsite",
            name="site_opens_before_it_closes",
            constraint=models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")),
                name="site_opens_before_it_closes",
                violation_error_message="A site must open before it closes.",
            ),
        ),
    ]

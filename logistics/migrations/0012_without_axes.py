"""Wrong passwords stand in `Tries`; the tables of django-axes, which nothing wrote to, go."""

from django.db import migrations

TABLES = "axes_accessattemptexpiration, axes_accessattempt, axes_accesslog, axes_accessfailurelog"


class Migration(migrations.Migration):
    """Four tables less, where there are any."""

    dependencies = [("logistics", "0011_password_resets")]

    operations = [migrations.RunSQL(f"DROP TABLE IF EXISTS {TABLES}", migrations.RunSQL.noop)]

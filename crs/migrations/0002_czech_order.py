"""The key by which the database sorts in Czech."""

from django.db import migrations

from crs.sql_files import frozen


class Migration(migrations.Migration):
    """Floor 0."""

    dependencies = [("crs", "0001_initial")]

    operations = [frozen(__file__, "czech_order")]

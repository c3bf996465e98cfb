"""Staff and the 1221 line look messages up by their recipient."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One index."""

    dependencies = [("messaging", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(models.F("recipient"), name="message_by_recipient"),
        ),
    ]

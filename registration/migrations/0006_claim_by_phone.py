"""The claims of a telephone are counted at each registration, and shown on its pages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One index; claims are few beside registrations."""

    dependencies = [("registration", "0005_claim_told")]

    operations = [
        migrations.AddIndex(
            model_name="registrationclaim",
            index=models.Index(fields=["phone", "created_at"], name="claim_by_phone"),
        ),
    ]

"""The key of a form stands with the forms that were sent, not at the document."""

from django.db import migrations


class Migration(migrations.Migration):
    """One mechanism for all forms that act."""

    dependencies = [
        ("logistics", "0009_products_and_materials"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="stockdocument",
            name="request_key",
        ),
    ]

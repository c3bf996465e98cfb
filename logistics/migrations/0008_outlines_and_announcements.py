"""Outlines for maps, announced deliveries, and intervals before every dose."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """See above."""

    dependencies = [
        ("logistics", "0007_support_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AnnouncedDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("doses", models.PositiveIntegerField(verbose_name="doses")),
                (
                    "came",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Doses of receipts and deliveries that were counted towards it.",
                        verbose_name="came of it",
                    ),
                ),
                ("expected_on", models.DateField(verbose_name="expected on")),
                ("announced_at", models.DateTimeField(verbose_name="announced at")),
                ("arrived_at", models.DateTimeField(blank=True, null=True, verbose_name="arrived at")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at")),
            ],
            options={
                "verbose_name": "announced delivery",
                "verbose_name_plural": "announced deliveries",
                "ordering": ("expected_on", "pk"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("doses__gt", 0)), name="announced_delivery_has_doses"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("came__lt", models.F("doses")),
                            models.Q(("arrived_at__isnull", False), ("came", models.F("doses"))),
                            _connector="OR",
                        ),
                        name="delivery_arrived_when_all_came",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("arrived_at", None), ("withdrawn_at", None), _connector="OR"),
                        name="delivery_arrived_or_was_withdrawn",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Outline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "path",
                    models.TextField(
                        help_text="Commands of an SVG path, in the units of the map.", verbose_name="path"
                    ),
                ),
                ("left", models.IntegerField(verbose_name="left edge")),
                ("top", models.IntegerField(verbose_name="upper edge")),
                ("right", models.IntegerField(verbose_name="right edge")),
                ("bottom", models.IntegerField(verbose_name="lower edge")),
                ("label_x", models.IntegerField(verbose_name="label, across")),
                ("label_y", models.IntegerField(verbose_name="label, down")),
                (
                    "valid_on",
                    models.DateField(
                        help_text="The day of the data; it stands beside the map.", verbose_name="valid on"
                    ),
                ),
            ],
            options={
                "verbose_name": "outline",
                "verbose_name_plural": "outlines",
            },
        ),
        migrations.AlterModelOptions(
            name="doseinterval",
            options={
                "ordering": ("vaccine", "dose_number", "valid_from"),
                "verbose_name": "interval between doses",
                "verbose_name_plural": "intervals between doses",
            },
        ),
        migrations.RemoveConstraint(
            model_name="doseinterval",
            name="interval_is_unique",
        ),
        migrations.AddField(
            model_name="doseinterval",
            name="applies_to",
            field=models.CharField(
                choices=[("NEW", "new bookings"), ("ALL", "existing and new bookings")],
                db_default="NEW",
                default="NEW",
                max_length=3,
                verbose_name="applies to",
            ),
        ),
        migrations.AddField(
            model_name="doseinterval",
            name="dose_number",
            field=models.PositiveSmallIntegerField(db_default=2, default=2, verbose_name="dose"),
        ),
        migrations.AddConstraint(
            model_name="doseinterval",
            constraint=models.UniqueConstraint(
                models.F("vaccine"), models.F("dose_number"), models.F("valid_from"), name="interval_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="doseinterval",
            constraint=models.CheckConstraint(
                condition=models.Q(("dose_number__gt", 1)), name="interval_is_before_a_later_dose"
            ),
        ),
        migrations.AddField(
            model_name="announceddelivery",
            name="announced_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="announced by",
            ),
        ),
        migrations.AddField(
            model_name="announceddelivery",
            name="sender",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="logistics.store",
                verbose_name="announced by the store",
            ),
        ),
        migrations.AddField(
            model_name="announceddelivery",
            name="store",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="announced",
                to="logistics.store",
                verbose_name="store",
            ),
        ),
        migrations.AddField(
            model_name="announceddelivery",
            name="vaccine",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="logistics.vaccine",
                verbose_name="vaccine",
            ),
        ),
        migrations.AddField(
            model_name="outline",
            name="district",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="outline",
                to="logistics.district",
                verbose_name="district",
            ),
        ),
        migrations.AddField(
            model_name="outline",
            name="region",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="outline",
                to="logistics.region",
                verbose_name="region",
            ),
        ),
        migrations.AddIndex(
            model_name="announceddelivery",
            index=models.Index(
                condition=models.Q(("arrived_at", None), ("withdrawn_at", None)),
                fields=["store", "expected_on"],
                name="deliveries_awaited",
            ),
        ),
        migrations.AddConstraint(
            model_name="announceddelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("store", models.F("sender")), _negated=True),
                name="delivery_is_announced_to_another_store",
            ),
        ),
        migrations.AddConstraint(
            model_name="outline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("district__isnull", False), ("region__isnull", True)),
                    models.Q(("district__isnull", True), ("region__isnull", False)),
                    _connector="OR",
                ),
                name="outline_is_of_one_area",
            ),
        ),
    ]

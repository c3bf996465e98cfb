"""Fields of the site module; packs, storage rules and batches."""

import uuid

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import logistics.models.places


class Migration(migrations.Migration):
    """Fields of the site module; packs, storage rules and batches."""

    dependencies = [
        ("logistics", "0005_errors_in_words"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "number",
                    models.CharField(
                        blank=True,
                        help_text="As printed on the vial. Empty: the batch is not published.",
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z0-9-]{3,20}$", "3 to 20 capital letters, digits or hyphens."
                            )
                        ],
                        verbose_name="batch number",
                    ),
                ),
                (
                    "expires_on",
                    models.DateField(
                        blank=True,
                        help_text="The last day on which it may be used, as printed or extended.",
                        null=True,
                        verbose_name="expiry",
                    ),
                ),
                ("blocked_at", models.DateTimeField(blank=True, null=True, verbose_name="blocked at")),
                ("block_reason", models.CharField(blank=True, max_length=300, verbose_name="reason of the block")),
            ],
            options={
                "verbose_name": "batch",
                "verbose_name_plural": "batches",
                "ordering": ("vaccine", "number"),
            },
        ),
        migrations.CreateModel(
            name="BatchEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "number",
                    models.CharField(
                        blank=True,
                        help_text="As printed on the vial. Empty: the batch is not published.",
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z0-9-]{3,20}$", "3 to 20 capital letters, digits or hyphens."
                            )
                        ],
                        verbose_name="batch number",
                    ),
                ),
                (
                    "expires_on",
                    models.DateField(
                        blank=True,
                        help_text="The last day on which it may be used, as printed or extended.",
                        null=True,
                        verbose_name="expiry",
                    ),
                ),
                ("blocked_at", models.DateTimeField(blank=True, null=True, verbose_name="blocked at")),
                ("block_reason", models.CharField(blank=True, max_length=300, verbose_name="reason of the block")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Pack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("doses_per_vial", models.PositiveSmallIntegerField(verbose_name="doses a vial")),
                ("vials", models.PositiveSmallIntegerField(verbose_name="vials in the pack")),
                (
                    "gtin",
                    models.CharField(
                        blank=True,
                        help_text="From the code on the pack; a scanned code with it chooses the vaccine.",
                        max_length=14,
                        validators=[django.core.validators.RegexValidator("^[0-9]{14}$", "A GTIN has 14 digits.")],
                        verbose_name="GTIN",
                    ),
                ),
            ],
            options={
                "verbose_name": "pack",
                "verbose_name_plural": "packs",
                "ordering": ("vaccine", "doses_per_vial", "vials"),
            },
        ),
        migrations.CreateModel(
            name="SiteContact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("HEAD", "head of the site"),
                            ("COORDINATOR", "coordinator"),
                            ("IT", "IT"),
                            ("PHARMACY", "pharmacy"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
            ],
            options={
                "verbose_name": "contact",
                "verbose_name_plural": "contacts",
                "ordering": ("site", "role", "name"),
            },
        ),
        migrations.CreateModel(
            name="StorageRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "storage",
                    models.CharField(
                        choices=[
                            ("STORED", "long storage"),
                            ("FREEZER", "freezer"),
                            ("THAWED", "thawed, in the fridge"),
                            ("ROOM", "out of the fridge"),
                            ("OPEN", "opened"),
                        ],
                        max_length=10,
                        verbose_name="regime",
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("min_celsius", models.SmallIntegerField(blank=True, null=True, verbose_name="from (°C)")),
                ("max_celsius", models.SmallIntegerField(verbose_name="up to (°C)")),
                (
                    "keeps",
                    models.DurationField(
                        blank=True,
                        help_text="Empty: until the expiry printed on the pack.",
                        null=True,
                        verbose_name="keeps for",
                    ),
                ),
            ],
            options={
                "verbose_name": "storage rule",
                "verbose_name_plural": "storage rules",
                "ordering": ("vaccine", "storage", "valid_from"),
            },
        ),
        migrations.CreateModel(
            name="VaccinationSiteEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        help_text="The site's identifier in the ministry's open data.",
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="address")),
                (
                    "latitude",
                    models.DecimalField(blank=True, decimal_places=7, max_digits=9, null=True, verbose_name="latitude"),
                ),
                (
                    "longitude",
                    models.DecimalField(
                        blank=True, decimal_places=7, max_digits=10, null=True, verbose_name="longitude"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("STANDARD", "vaccination site"),
                            ("LARGE", "large-capacity site"),
                            ("DISTRIBUTION", "distribution site"),
                            ("SELF_PAYING", "site for self-payers"),
                            ("ARMY", "army site"),
                            ("UNIVERSITY", "university site"),
                        ],
                        default="STANDARD",
                        help_text="Empty means unknown.",
                        max_length=20,
                        verbose_name="type",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PREPARING", "in preparation"),
                            ("OPEN", "open"),
                            ("PAUSED", "paused"),
                            ("CLOSED", "closed"),
                        ],
                        default="OPEN",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "is_public",
                    models.BooleanField(
                        default=True,
                        help_text="Whether the site has a page for everybody and stands in the lists.",
                        verbose_name="public",
                    ),
                ),
                (
                    "facility_code",
                    models.CharField(
                        blank=True,
                        help_text="NRPZS code of the health facility, 11 digits, zero-padded.",
                        max_length=14,
                        verbose_name="facility code",
                    ),
                ),
                (
                    "company_number",
                    models.CharField(
                        blank=True,
                        help_text="Identification number of the provider, 8 digits.",
                        max_length=8,
                        validators=[logistics.models.places.check_company_number],
                        verbose_name="IČO",
                    ),
                ),
                (
                    "minimal_capacity",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Doses a day that the site can give at least.",
                        verbose_name="minimal capacity",
                    ),
                ),
                (
                    "daily_capacity",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Doses a day that the site can give at most.",
                        null=True,
                        verbose_name="daily capacity",
                    ),
                ),
                (
                    "is_step_free",
                    models.BooleanField(
                        blank=True, help_text="Empty means unknown.", null=True, verbose_name="step-free"
                    ),
                ),
                ("opens_at", models.TimeField(default="08:00", verbose_name="opens at")),
                ("closes_at", models.TimeField(default="16:00", verbose_name="closes at")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                ("link", models.URLField(blank=True, verbose_name="web page")),
                (
                    "description",
                    models.TextField(
                        blank=True, help_text="What people should know of the site.", verbose_name="description"
                    ),
                ),
                (
                    "youngest_age",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="from the age of"),
                ),
                (
                    "oldest_age",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="up to the age of"),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("cs", "Czech"),
                                ("en", "English"),
                                ("sk", "Slovak"),
                                ("uk", "Ukrainian"),
                                ("ru", "Russian"),
                                ("vi", "Vietnamese"),
                                ("de", "German"),
                                ("pl", "Polish"),
                                ("rom", "Romani"),
                            ],
                            max_length=3,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="languages",
                    ),
                ),
                (
                    "has_parking",
                    models.BooleanField(
                        blank=True, help_text="Empty means unknown.", null=True, verbose_name="parking"
                    ),
                ),
                ("is_drive_in", models.BooleanField(default=False, verbose_name="drive-in")),
                (
                    "has_mobile_team",
                    models.BooleanField(
                        default=False,
                        help_text="Whether a team of the site goes to people who cannot come.",
                        verbose_name="mobile team",
                    ),
                ),
                (
                    "notes",
                    models.TextField(
                        blank=True, help_text="How to find the entrance, where to park.", verbose_name="public notes"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="WeekdayHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Monday"),
                            (1, "Tuesday"),
                            (2, "Wednesday"),
                            (3, "Thursday"),
                            (4, "Friday"),
                            (5, "Saturday"),
                            (6, "Sunday"),
                        ],
                        verbose_name="weekday",
                    ),
                ),
                (
                    "opens_at",
                    models.TimeField(
                        blank=True, help_text="Empty means closed on this day.", null=True, verbose_name="opens at"
                    ),
                ),
                ("closes_at", models.TimeField(blank=True, null=True, verbose_name="closes at")),
            ],
            options={
                "verbose_name": "opening hours of a weekday",
                "verbose_name_plural": "opening hours of weekdays",
                "ordering": ("site", "weekday"),
            },
        ),
        migrations.AddField(
            model_name="vaccinationsite",
            name="company_number",
            field=models.CharField(
                blank=True,
                help_text="Identification number of the provider, 8 digits.",
                max_length=8,
                validators=[logistics.models.places.check_company_number],
                verbose_name="IČO",
            ),
        ),
        migrations.AddField(
            model_name="vaccinationsite",
            name="daily_capacity",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Doses a day that the site can give at most.",
                null=True,
                verbose_name="daily capacity",
            ),
        ),
        migrations.AddField(
            model_name="vaccinationsite",
            name="description",
            field=models.TextField(
                blank=True, help_text="What people should know of the site.", verbose_name="description"
            ),
        ),
        migrations.AddField(
            model_name="vaccinationsite",
            name="email",
            field=models.EmailField(blank=True, max_length=254, verbose_name="e-mail"),
        ),
        migrations.AddField(
            model_name="vaccinationsite",
            name="has_mobile_team",
            field=models.BooleanField(
                default=False,
                help_text="Whether a team of the site goes to people who cannot come.",
                verbose_name="mobile team",
            ),
        ),
        migrations.AddField(
            model_name="vaccinationsite",
            name="has_parking",
            field=models.BooleanField(blank=True, help_text="Empty means unknown.", null=True, verbose_name="parking"),
        ),
        migrations.AddField(
            model_name="vaccinationsite",
            name="is_drive_in",
            field=models.BooleanField(default=False, verbose_name="drive-in"),
        ),
        migrations.AddField(
            model_name="vaccinationsite",
            name="is_public",
            field=models.BooleanField(
                default=True,
                help_text="Whether the site has a page for everybody and stands in the lists.",
                verbose_name="public",
            ),
        ),
        migrations.AddField(
            model_name="vaccinationsite",
            name="languages",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("cs", "Czech"),
                        ("en", "English"),
                        ("sk", "Slovak"),
                        ("uk", "Ukrainian"),
                        ("ru", "Russian"),
                        ("vi", "Vietnamese"),
                        ("de", "German"),
                        ("pl", "Polish"),
                        ("rom", "Romani"),
                    ],
                    max_length=3,
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="languages",
            ),
        ),
        migrations.AddField(
            model_name="vaccinationsite",
            name="link",
            field=models.URLField(blank=True, verbose_name="web page"),
        ),
        migrations.AddField(
            model_name="vaccinationsite",
            name="oldest_age",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="up to the age of"),
        ),
        migrations.AddField(
            model_name="vaccinationsite",
            name="region",
            field=models.ForeignKey(
                blank=True,
                help_text="Only where the district is not known; else the district says it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sites_without_district",
                to="logistics.region",
                verbose_name="region",
            ),
        ),
        migrations.AddField(
            model_name="vaccinationsite",
            name="vaccines",
            field=models.ManyToManyField(
                blank=True, related_name="sites", to="logistics.vaccine", verbose_name="vaccines"
            ),
        ),
        migrations.AddField(
            model_name="vaccinationsite",
            name="youngest_age",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="from the age of"),
        ),
        migrations.AddField(
            model_name="vaccine",
            name="diluent",
            field=models.CharField(
                blank=True,
                help_text="Such as 1.8 ml NaCl 0.9 %; empty where none is needed.",
                max_length=60,
                verbose_name="dilution",
            ),
        ),
        migrations.AddField(
            model_name="vaccine",
            name="dose_millilitres",
            field=models.DecimalField(decimal_places=2, default="0.5", max_digits=4, verbose_name="dose (ml)"),
        ),
        migrations.AddField(
            model_name="vaccine",
            name="manufacturer",
            field=models.CharField(blank=True, max_length=60, verbose_name="manufacturer"),
        ),
        migrations.AddField(
            model_name="vaccine",
            name="published_name",
            field=models.CharField(
                blank=True,
                help_text="As the ministry writes it in its files, such as COVID-19 Vaccine Moderna.",
                max_length=60,
                verbose_name="name in open data",
            ),
        ),
        migrations.AddField(
            model_name="vaccine",
            name="youngest_age",
            field=models.PositiveSmallIntegerField(default=18, verbose_name="from the age of"),
        ),
        migrations.AlterField(
            model_name="vaccinationsite",
            name="address",
            field=models.CharField(blank=True, max_length=300, verbose_name="address"),
        ),
        migrations.AlterField(
            model_name="vaccinationsite",
            name="district",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sites",
                to="logistics.district",
                verbose_name="district",
            ),
        ),
        migrations.AlterField(
            model_name="vaccinationsite",
            name="state",
            field=models.CharField(
                choices=[("PREPARING", "in preparation"), ("OPEN", "open"), ("PAUSED", "paused"), ("CLOSED", "closed")],
                default="OPEN",
                max_length=10,
                verbose_name="state",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="vaccinationsite",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "logistics_vaccinationsiteevent" ("address", "closes_at", "company_number", "daily_capacity", "description", "district_id", "email", "facility_code", "has_mobile_team", "has_parking", "id", "is_drive_in", "is_public", "is_step_free", "kind", "languages", "latitude", "link", "longitude", "minimal_capacity", "name", "notes", "oldest_age", "opens_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region_id", "state", "youngest_age") VALUES (NEW."address", NEW."closes_at", NEW."company_number", NEW."daily_capacity", NEW."description", NEW."district_id", NEW."email", NEW."facility_code", NEW."has_mobile_team", NEW."has_parking", NEW."id", NEW."is_drive_in", NEW."is_public", NEW."is_step_free", NEW."kind", NEW."languages", NEW."latitude", NEW."link", NEW."longitude", NEW."minimal_capacity", NEW."name", NEW."notes", NEW."oldest_age", NEW."opens_at", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."region_id", NEW."state", NEW."youngest_age"); RETURN NULL;',
                    hash="ea3bae1ad82e0905d4309ad8f050839a380eea85",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b3fce",
                    table="logistics_vaccinationsite",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="vaccinationsite",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "logistics_vaccinationsiteevent" ("address", "closes_at", "company_number", "daily_capacity", "description", "district_id", "email", "facility_code", "has_mobile_team", "has_parking", "id", "is_drive_in", "is_public", "is_step_free", "kind", "languages", "latitude", "link", "longitude", "minimal_capacity", "name", "notes", "oldest_age", "opens_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "region_id", "state", "youngest_age") VALUES (NEW."address", NEW."closes_at", NEW."company_number", NEW."daily_capacity", NEW."description", NEW."district_id", NEW."email", NEW."facility_code", NEW."has_mobile_team", NEW."has_parking", NEW."id", NEW."is_drive_in", NEW."is_public", NEW."is_step_free", NEW."kind", NEW."languages", NEW."latitude", NEW."link", NEW."longitude", NEW."minimal_capacity", NEW."name", NEW."notes", NEW."oldest_age", NEW."opens_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."region_id", NEW."state", NEW."youngest_age"); RETURN NULL;',
                    hash="f5249efbcfe4e9a6182f4632a9f970139099741e",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_83a26",
                    table="logistics_vaccinationsite",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="vaccinationsite",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("district__isnull", False), ("region__isnull", True)),
                    models.Q(("district__isnull", True), ("region__isnull", False)),
                    _connector="OR",
                ),
                name="site_lies_in_one_region",
                violation_error_message="Choose a district; or a region where the district is not known.",
            ),
        ),
        migrations.AddConstraint(
            model_name="vaccinationsite",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("youngest_age__isnull", True),
                    ("oldest_age__isnull", True),
                    ("youngest_age__lte", models.F("oldest_age")),
                    _connector="OR",
                ),
                name="site_ages_are_ordered",
                violation_error_message="The ages must rise: from, up to.",
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="vaccine",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="batches",
                to="logistics.vaccine",
                verbose_name="vaccine",
            ),
        ),
        migrations.AddField(
            model_name="batchevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="batchevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="logistics.batch",
            ),
        ),
        migrations.AddField(
            model_name="batchevent",
            name="vaccine",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="logistics.vaccine",
                verbose_name="vaccine",
            ),
        ),
        migrations.AddField(
            model_name="pack",
            name="vaccine",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="packs",
                to="logistics.vaccine",
                verbose_name="vaccine",
            ),
        ),
        migrations.AddField(
            model_name="sitecontact",
            name="site",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="contacts",
                to="logistics.vaccinationsite",
                verbose_name="site",
            ),
        ),
        migrations.AddField(
            model_name="storagerule",
            name="vaccine",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="storage_rules",
                to="logistics.vaccine",
                verbose_name="vaccine",
            ),
        ),
        migrations.AddField(
            model_name="vaccinationsiteevent",
            name="district",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="logistics.district",
                verbose_name="district",
            ),
        ),
        migrations.AddField(
            model_name="vaccinationsiteevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="vaccinationsiteevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="logistics.vaccinationsite",
            ),
        ),
        migrations.AddField(
            model_name="vaccinationsiteevent",
            name="region",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="Only where the district is not known; else the district says it.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="logistics.region",
                verbose_name="region",
            ),
        ),
        migrations.AddField(
            model_name="weekdayhours",
            name="site",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="weekday_hours",
                to="logistics.vaccinationsite",
                verbose_name="site",
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.UniqueConstraint(models.F("vaccine"), models.F("number"), name="batch_is_unique"),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("expires_on__isnull", True), ("number", "")),
                    models.Q(models.Q(("number", ""), _negated=True), ("expires_on__isnull", False)),
                    _connector="OR",
                ),
                name="numbered_batch_expires",
            ),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("block_reason", ""), ("blocked_at__isnull", True)),
                    models.Q(("blocked_at__isnull", False), models.Q(("block_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="block_has_a_reason",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="batch",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "logistics_batchevent" ("block_reason", "blocked_at", "expires_on", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "vaccine_id") VALUES (NEW."block_reason", NEW."blocked_at", NEW."expires_on", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."vaccine_id"); RETURN NULL;',
                    hash="a18d6b6113c1cc8efb06101d104b522d4317e6b1",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_c00a8",
                    table="logistics_batch",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="batch",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "logistics_batchevent" ("block_reason", "blocked_at", "expires_on", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "vaccine_id") VALUES (NEW."block_reason", NEW."blocked_at", NEW."expires_on", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."vaccine_id"); RETURN NULL;',
                    hash="8887700532199e4f5eacf53f2d9204e8d8b873e2",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_87d25",
                    table="logistics_batch",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="pack",
            constraint=models.UniqueConstraint(
                models.F("gtin"), condition=models.Q(("gtin", ""), _negated=True), name="gtin_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="pack",
            constraint=models.CheckConstraint(
                condition=models.Q(("doses_per_vial__gt", 0), ("vials__gt", 0)), name="pack_is_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="sitecontact",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", ""), ("phone", ""), _negated=True),
                name="contact_can_be_reached",
                violation_error_message="Give a telephone number or an e-mail address.",
            ),
        ),
        migrations.AddConstraint(
            model_name="storagerule",
            constraint=models.UniqueConstraint(
                models.F("vaccine"), models.F("storage"), models.F("valid_from"), name="storage_rule_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="weekdayhours",
            constraint=models.UniqueConstraint(models.F("site"), models.F("weekday"), name="weekday_has_hours_once"),
        ),
        migrations.AddConstraint(
            model_name="weekdayhours",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closes_at__isnull", True), ("opens_at__isnull", True)),
                    ("opens_at__lt", models.F("closes_at")),
                    _connector="OR",
                ),
                name="weekday_opens_before_it_closes",
                violation_error_message="A site must open before it closes; leave both empty where it is closed.",
            ),
        ),
    ]

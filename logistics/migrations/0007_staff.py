"""Roles of users and invitations."""

import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Roles of users and invitations."""

    dependencies = [
        ("logistics", "0006_sites_and_batches"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StaffRole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("MANAGER", "site manager"),
                            ("REGISTRAR", "registrar"),
                            ("VACCINATOR", "vaccinator"),
                            ("STOCK_KEEPER", "stock keeper"),
                            ("IT", "IT of the site"),
                            ("REGION", "regional coordinator"),
                            ("DISTRIBUTOR", "distributor"),
                            ("MINISTRY", "ministry"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staff",
                        to="logistics.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staff",
                        to="logistics.vaccinationsite",
                        verbose_name="site",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="staff_roles",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "role of a user",
                "verbose_name_plural": "roles of users",
                "ordering": ("user", "role", "site", "region"),
            },
        ),
        migrations.CreateModel(
            name="StaffRoleEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("MANAGER", "site manager"),
                            ("REGISTRAR", "registrar"),
                            ("VACCINATOR", "vaccinator"),
                            ("STOCK_KEEPER", "stock keeper"),
                            ("IT", "IT of the site"),
                            ("REGION", "regional coordinator"),
                            ("DISTRIBUTOR", "distributor"),
                            ("MINISTRY", "ministry"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="logistics.staffrole",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="logistics.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="logistics.vaccinationsite",
                        verbose_name="site",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="StaffInvitation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("MANAGER", "site manager"),
                            ("REGISTRAR", "registrar"),
                            ("VACCINATOR", "vaccinator"),
                            ("STOCK_KEEPER", "stock keeper"),
                            ("IT", "IT of the site"),
                            ("REGION", "regional coordinator"),
                            ("DISTRIBUTOR", "distributor"),
                            ("MINISTRY", "ministry"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                ("code_hash", models.CharField(max_length=64, unique=True, verbose_name="hash of the code")),
                ("invited_at", models.DateTimeField(verbose_name="invited at")),
                ("expires_at", models.DateTimeField(verbose_name="valid until")),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="accepted at")),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="accepted by",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="logistics.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="logistics.vaccinationsite",
                        verbose_name="site",
                    ),
                ),
            ],
            options={
                "verbose_name": "staff invitation",
                "verbose_name_plural": "staff invitations",
                "ordering": ("-invited_at",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("region__isnull", True),
                                ("role__in", ("MANAGER", "REGISTRAR", "VACCINATOR", "STOCK_KEEPER", "IT")),
                                ("site__isnull", False),
                            ),
                            models.Q(("region__isnull", False), ("role", "REGION"), ("site__isnull", True)),
                            models.Q(
                                ("region__isnull", True),
                                ("role__in", ("DISTRIBUTOR", "MINISTRY")),
                                ("site__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="invitation_fits_its_place",
                        violation_error_message="A role at a site needs the site, a regional one the region, others neither.",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="staffrole",
            constraint=models.UniqueConstraint(
                models.F("user"),
                models.F("role"),
                models.F("site"),
                models.F("region"),
                name="role_is_given_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="staffrole",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("region__isnull", True),
                        ("role__in", ("MANAGER", "REGISTRAR", "VACCINATOR", "STOCK_KEEPER", "IT")),
                        ("site__isnull", False),
                    ),
                    models.Q(("region__isnull", False), ("role", "REGION"), ("site__isnull", True)),
                    models.Q(
                        ("region__isnull", True), ("role__in", ("DISTRIBUTOR", "MINISTRY")), ("site__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="role_fits_its_place",
                violation_error_message="A role at a site needs the site, a regional one the region, others neither.",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="staffrole",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "logistics_staffroleevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "role", "site_id", "user_id") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."region_id", NEW."role", NEW."site_id", NEW."user_id"); RETURN NULL;',
                    hash="5773871c1bd6027e77b09e386c378ff668891402",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_858ce",
                    table="logistics_staffrole",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="staffrole",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "logistics_staffroleevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "role", "site_id", "user_id") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."region_id", NEW."role", NEW."site_id", NEW."user_id"); RETURN NULL;',
                    hash="287d58b68a9ba19e0d8ea6bd3a170279a8ad5c78",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_37a33",
                    table="logistics_staffrole",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="staffrole",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "logistics_staffroleevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "role", "site_id", "user_id") VALUES (OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."region_id", OLD."role", OLD."site_id", OLD."user_id"); RETURN NULL;',
                    hash="f684ffd7b8b495f73ac51b1330fbc335e1ea2f6f",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_507be",
                    table="logistics_staffrole",
                    when="AFTER",
                ),
            ),
        ),
    ]

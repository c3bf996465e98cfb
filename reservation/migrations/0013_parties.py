"""Two people who reserve together."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from crs.sql_files import frozen


class Migration(migrations.Migration):
    """The mark of two reservations, and the function that holds for two."""

    dependencies = [
        ("reservation", "0012_grounds"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="reservation",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="reservation",
            name="update_update",
        ),
        migrations.AddField(
            model_name="reservation",
            name="party",
            field=models.UUIDField(
                blank=True,
                help_text="Two people who reserved together share it; empty: alone.",
                null=True,
                verbose_name="party",
            ),
        ),
        migrations.AddField(
            model_name="reservationevent",
            name="party",
            field=models.UUIDField(
                blank=True,
                help_text="Two people who reserved together share it; empty: alone.",
                null=True,
                verbose_name="party",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reservation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "reservation_reservationevent" ("changes", "check_in_code", "confirmed_at", "created_at", "held_until", "id", "is_by_staff", "is_finished", "pairing", "party", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "state") VALUES (NEW."changes", NEW."check_in_code", NEW."confirmed_at", NEW."created_at", NEW."held_until", NEW."id", NEW."is_by_staff", NEW."is_finished", NEW."pairing", NEW."party", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."registration_id", NEW."state"); RETURN NULL;',
                    hash="a59c8e90f3aa69baee2abb80d7ff9fb9f809c06f",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_41761",
                    table="reservation_reservation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reservation",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "reservation_reservationevent" ("changes", "check_in_code", "confirmed_at", "created_at", "held_until", "id", "is_by_staff", "is_finished", "pairing", "party", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "state") VALUES (NEW."changes", NEW."check_in_code", NEW."confirmed_at", NEW."created_at", NEW."held_until", NEW."id", NEW."is_by_staff", NEW."is_finished", NEW."pairing", NEW."party", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."registration_id", NEW."state"); RETURN NULL;',
                    hash="c67c700a708cfc269f3ebd6922f5a01d0a3bf157",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ca5a1",
                    table="reservation_reservation",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index("party", condition=models.Q(("party__isnull", False)), name="reservation_party"),
        ),
        frozen(__file__, "hold_together"),
    ]

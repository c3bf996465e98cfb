"""When a person had the last dose, and of which vaccine that one and the first one were."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """See above."""

    dependencies = [
        ("logistics", "0008_outlines_and_announcements"),
        ("registration", "0002_priority_groups"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="registration",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="registration",
            name="update_update",
        ),
        migrations.AddField(
            model_name="registration",
            name="last_dose_on",
            field=models.DateField(
                blank=True, help_text="Kept by the recording of doses.", null=True, verbose_name="day of the last dose"
            ),
        ),
        migrations.AddField(
            model_name="registration",
            name="last_vaccine",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="logistics.vaccine",
                verbose_name="vaccine of the last dose",
            ),
        ),
        migrations.AddField(
            model_name="registrationevent",
            name="last_dose_on",
            field=models.DateField(
                blank=True, help_text="Kept by the recording of doses.", null=True, verbose_name="day of the last dose"
            ),
        ),
        migrations.AddField(
            model_name="registrationevent",
            name="last_vaccine",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="logistics.vaccine",
                verbose_name="vaccine of the last dose",
            ),
        ),
        migrations.AddField(
            model_name="registration",
            name="first_vaccine",
            field=models.ForeignKey(
                blank=True,
                help_text="Whether a dose is a booster, and which one, follows from it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="logistics.vaccine",
                verbose_name="vaccine of the first dose",
            ),
        ),
        migrations.AddField(
            model_name="registrationevent",
            name="first_vaccine",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="Whether a dose is a booster, and which one, follows from it.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="logistics.vaccine",
                verbose_name="vaccine of the first dose",
            ),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(
                condition=models.Q(("doses_received__gt", 0)), fields=["last_dose_on"], name="registration_by_last_dose"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="registration",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "registration_registrationevent" ("by_letter", "consented_at", "created_at", "doses_received", "email", "ended_at", "ending", "first_vaccine_id", "guardian_name", "guardian_relation", "handed_over_at", "home_district_id", "id", "is_immobile", "landline", "language", "last_dose_on", "last_vaccine_id", "number", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "registered_at_site_id", "state", "way") VALUES (NEW."by_letter", NEW."consented_at", NEW."created_at", NEW."doses_received", NEW."email", NEW."ended_at", NEW."ending", NEW."first_vaccine_id", NEW."guardian_name", NEW."guardian_relation", NEW."handed_over_at", NEW."home_district_id", NEW."id", NEW."is_immobile", NEW."landline", NEW."language", NEW."last_dose_on", NEW."last_vaccine_id", NEW."number", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."registered_at_site_id", NEW."state", NEW."way"); RETURN NULL;',
                    hash="a107c7e07279972dfdee42681133be59df60d6d9",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_78ec4",
                    table="registration_registration",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="registration",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "registration_registrationevent" ("by_letter", "consented_at", "created_at", "doses_received", "email", "ended_at", "ending", "first_vaccine_id", "guardian_name", "guardian_relation", "handed_over_at", "home_district_id", "id", "is_immobile", "landline", "language", "last_dose_on", "last_vaccine_id", "number", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "registered_at_site_id", "state", "way") VALUES (NEW."by_letter", NEW."consented_at", NEW."created_at", NEW."doses_received", NEW."email", NEW."ended_at", NEW."ending", NEW."first_vaccine_id", NEW."guardian_name", NEW."guardian_relation", NEW."handed_over_at", NEW."home_district_id", NEW."id", NEW."is_immobile", NEW."landline", NEW."language", NEW."last_dose_on", NEW."last_vaccine_id", NEW."number", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."registered_at_site_id", NEW."state", NEW."way"); RETURN NULL;',
                    hash="ade88ee1a1d99976bddb471aa6a35857a285ba49",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_30be4",
                    table="registration_registration",
                    when="AFTER",
                ),
            ),
        ),
    ]

"""An address has a country, and its post code is one of it. Those that are known are in Czechia."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """See above."""

    dependencies = [
        ("registration", "0004_names_found"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="person",
            name="update_update",
        ),
        migrations.AddField(
            model_name="person",
            name="country",
            field=models.CharField(
                db_default="CZ",
                default="CZ",
                help_text="Of the address: two letters of ISO 3166.",
                max_length=2,
                verbose_name="country",
            ),
        ),
        migrations.AddField(
            model_name="personevent",
            name="country",
            field=models.CharField(
                db_default="CZ",
                default="CZ",
                help_text="Of the address: two letters of ISO 3166.",
                max_length=2,
                verbose_name="country",
            ),
        ),
        migrations.AlterField(
            model_name="person",
            name="postcode",
            field=models.CharField(
                blank=True,
                help_text="Five digits in Czechia; elsewhere as the state writes it.",
                max_length=12,
                verbose_name="postcode",
            ),
        ),
        migrations.AlterField(
            model_name="personevent",
            name="postcode",
            field=models.CharField(
                blank=True,
                help_text="Five digits in Czechia; elsewhere as the state writes it.",
                max_length=12,
                verbose_name="postcode",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="person",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."birth_date" IS DISTINCT FROM (NEW."birth_date") OR OLD."city" IS DISTINCT FROM (NEW."city") OR OLD."country" IS DISTINCT FROM (NEW."country") OR OLD."died_on" IS DISTINCT FROM (NEW."died_on") OR OLD."document_country" IS DISTINCT FROM (NEW."document_country") OR OLD."document_hash" IS DISTINCT FROM (NEW."document_hash") OR OLD."document_type" IS DISTINCT FROM (NEW."document_type") OR OLD."first_name" IS DISTINCT FROM (NEW."first_name") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."insured_number_hash" IS DISTINCT FROM (NEW."insured_number_hash") OR OLD."insurer" IS DISTINCT FROM (NEW."insurer") OR OLD."last_name" IS DISTINCT FROM (NEW."last_name") OR OLD."latin_first_name" IS DISTINCT FROM (NEW."latin_first_name") OR OLD."latin_last_name" IS DISTINCT FROM (NEW."latin_last_name") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."postcode" IS DISTINCT FROM (NEW."postcode") OR OLD."sex" IS DISTINCT FROM (NEW."sex") OR OLD."street" IS DISTINCT FROM (NEW."street"))',
                    func='INSERT INTO "registration_personevent" ("birth_date", "city", "country", "died_on", "document_country", "document_hash", "document_type", "first_name", "id", "insured_number_hash", "insurer", "last_name", "latin_first_name", "latin_last_name", "merged_into_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "postcode", "sex", "street") VALUES (NEW."birth_date", NEW."city", NEW."country", NEW."died_on", NEW."document_country", NEW."document_hash", NEW."document_type", NEW."first_name", NEW."id", NEW."insured_number_hash", NEW."insurer", NEW."last_name", NEW."latin_first_name", NEW."latin_last_name", NEW."merged_into_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."postcode", NEW."sex", NEW."street"); RETURN NULL;',
                    hash="30aa2fe0246d32a2563f5b2242e28590b202f759",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e9892",
                    table="registration_person",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(("country__regex", "^[A-Z]{2}$")), name="country_is_a_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("postcode", ""),
                    models.Q(("country", "CZ"), ("postcode__regex", "^[0-9]{5}$")),
                    models.Q(
                        models.Q(("country", "CZ"), _negated=True), ("postcode__regex", "^[A-Z0-9]+([ -][A-Z0-9]+)*$")
                    ),
                    _connector="OR",
                ),
                name="postcode_is_of_its_country",
            ),
        ),
    ]

"""The tables of the ledger, and the triggers that keep its balances."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from crs.sql_files import frozen


class Migration(migrations.Migration):
    """The tables of the ledger, and the triggers that keep its balances."""

    dependencies = [
        ("logistics", "0007_staff"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Material",
            fields=[
                ("code", models.SlugField(max_length=30, primary_key=True, serialize=False, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("name_cs", models.CharField(max_length=60, verbose_name="Czech name")),
            ],
            options={
                "verbose_name": "material",
                "verbose_name_plural": "materials",
                "ordering": ("code",),
            },
        ),
        migrations.CreateModel(
            name="StockDocument",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ESTABLISHMENT", "store established"),
                            ("RECEIPT", "receipt"),
                            ("DISPATCH", "dispatch to another store"),
                            ("DELIVERY", "delivery from another store"),
                            ("ISSUE", "issue out of the network"),
                            ("STORAGE", "change of storage"),
                            ("OPENING", "opening of vials"),
                            ("CONSUMPTION", "doses used"),
                            ("WASTE", "waste"),
                            ("STOCKTAKE", "stocktake"),
                            ("REVERSAL", "reversal"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "party",
                    models.CharField(
                        blank=True,
                        help_text="Of a receipt or an issue, outside CRS.",
                        max_length=200,
                        verbose_name="supplier or recipient",
                    ),
                ),
                (
                    "happened_on",
                    models.DateField(help_text="The day in Prague to which it belongs.", verbose_name="day"),
                ),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("BROKEN", "broken or leaking"),
                            ("COLD_CHAIN", "cold chain broken"),
                            ("EXPIRED", "expired or past its use-by"),
                            ("BLOCKED", "batch blocked"),
                            ("LEFT_OVER", "left over, nobody to give it to"),
                            ("SPOILED", "spoiled while preparing or giving"),
                            ("LOST", "lost or missing"),
                            ("MISCOUNTED", "counted wrong before"),
                            ("MISTAKE", "entered by mistake"),
                            ("OTHER", "other, see the note"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                (
                    "attempt",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="A delivery may be confirmed again after its reversal.",
                        verbose_name="attempt",
                    ),
                ),
                (
                    "request_key",
                    models.UUIDField(
                        blank=True,
                        help_text="The form that was sent: twice is once.",
                        null=True,
                        unique=True,
                        verbose_name="request",
                    ),
                ),
                (
                    "import_row",
                    models.CharField(
                        blank=True,
                        help_text="Fingerprint of the row of a ministry's file.",
                        max_length=40,
                        verbose_name="imported row",
                    ),
                ),
                (
                    "answers",
                    models.ForeignKey(
                        blank=True,
                        help_text="The dispatch that a delivery confirms.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answered_by",
                        to="logistics.stockdocument",
                        verbose_name="delivery of",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: an import.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stock_documents",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="logistics.stockdocument",
                        verbose_name="reverses",
                    ),
                ),
            ],
            options={
                "verbose_name": "stock document",
                "verbose_name_plural": "stock documents",
                "ordering": ("-pk",),
            },
        ),
        migrations.CreateModel(
            name="StockItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "doses_per_vial",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="As delivered: the same batch came with 5 and with 6.",
                        null=True,
                        verbose_name="doses a vial",
                    ),
                ),
                (
                    "storage",
                    models.CharField(
                        blank=True,
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
                (
                    "use_by",
                    models.DateTimeField(
                        blank=True,
                        help_text="The end of the clock that thawing or opening started.",
                        null=True,
                        verbose_name="use by",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="logistics.batch",
                        verbose_name="batch",
                    ),
                ),
                (
                    "material",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="logistics.material",
                        verbose_name="material",
                    ),
                ),
            ],
            options={
                "verbose_name": "stock item",
                "verbose_name_plural": "stock items",
                "ordering": ("batch", "doses_per_vial", "storage", "use_by", "material"),
            },
        ),
        migrations.CreateModel(
            name="StockMovement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "quantity",
                    models.IntegerField(
                        help_text="Vials; doses of opened vials; pieces of a material.", verbose_name="quantity"
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements",
                        to="logistics.stockdocument",
                        verbose_name="document",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements",
                        to="logistics.stockitem",
                        verbose_name="item",
                    ),
                ),
            ],
            options={
                "verbose_name": "stock movement",
                "verbose_name_plural": "stock movements",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="Store",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("DISTRIBUTOR", "distributor"), ("REGION", "region"), ("SITE", "vaccination site")],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "region",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="store",
                        to="logistics.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "site",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="store",
                        to="logistics.vaccinationsite",
                        verbose_name="site",
                    ),
                ),
            ],
            options={
                "verbose_name": "store",
                "verbose_name_plural": "stores",
                "ordering": ("name",),
            },
        ),
        migrations.AddField(
            model_name="stockdocument",
            name="counterpart",
            field=models.ForeignKey(
                blank=True,
                help_text="Where a dispatch goes, where a delivery comes from.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="counterpart_documents",
                to="logistics.store",
                verbose_name="other store",
            ),
        ),
        migrations.AddField(
            model_name="stockdocument",
            name="store",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="documents",
                to="logistics.store",
                verbose_name="store",
            ),
        ),
        migrations.CreateModel(
            name="StockBalance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quantity", models.IntegerField(verbose_name="quantity")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="balances",
                        to="logistics.stockitem",
                        verbose_name="item",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="balances",
                        to="logistics.store",
                        verbose_name="store",
                    ),
                ),
            ],
            options={
                "verbose_name": "stock balance",
                "verbose_name_plural": "stock balances",
                "ordering": ("store", "item"),
            },
        ),
        migrations.AddConstraint(
            model_name="stockitem",
            constraint=models.UniqueConstraint(
                models.F("batch"),
                models.F("doses_per_vial"),
                models.F("storage"),
                models.F("use_by"),
                condition=models.Q(("batch__isnull", False)),
                name="vaccine_item_is_unique",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="stockitem",
            constraint=models.UniqueConstraint(
                models.F("material"), condition=models.Q(("material__isnull", False)), name="material_item_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="stockitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("batch__isnull", False),
                        ("doses_per_vial__gt", 0),
                        ("material__isnull", True),
                        models.Q(("storage", ""), _negated=True),
                    ),
                    models.Q(
                        ("batch__isnull", True),
                        ("doses_per_vial__isnull", True),
                        ("material__isnull", False),
                        ("storage", ""),
                        ("use_by__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="item_is_a_vaccine_or_a_material",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockmovement",
            constraint=models.UniqueConstraint(
                models.F("document"), models.F("item"), name="item_moves_once_in_a_document"
            ),
        ),
        migrations.AddConstraint(
            model_name="stockmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity", 0), _negated=True), name="movement_moves"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stockmovement",
            trigger=pgtrigger.compiler.Trigger(
                name="never_edited",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="58192529bc5dba3eddbec8b180eb0d3ac72b5784",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_never_edited_da2bb",
                    table="logistics_stockmovement",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="store",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "SITE"), ("region__isnull", True), ("site__isnull", False)),
                    models.Q(("kind", "REGION"), ("region__isnull", False), ("site__isnull", True)),
                    models.Q(("kind", "DISTRIBUTOR"), ("region__isnull", True), ("site__isnull", True)),
                    _connector="OR",
                ),
                name="store_has_its_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="store",
            constraint=models.UniqueConstraint(
                models.F("name"), condition=models.Q(("kind", "DISTRIBUTOR")), name="distributor_is_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="stockdocument",
            index=models.Index(fields=["store", "-id"], name="documents_of_a_store"),
        ),
        migrations.AddIndex(
            model_name="stockdocument",
            index=models.Index(fields=["counterpart", "kind"], name="documents_to_a_store"),
        ),
        migrations.AddIndex(
            model_name="stockdocument",
            index=models.Index(fields=["happened_on", "kind"], name="documents_of_a_day"),
        ),
        migrations.AddConstraint(
            model_name="stockdocument",
            constraint=models.UniqueConstraint(
                models.F("answers"), models.F("attempt"), name="dispatch_is_delivered_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="stockdocument",
            constraint=models.UniqueConstraint(
                models.F("import_row"),
                models.F("kind"),
                condition=models.Q(("import_row", ""), _negated=True),
                name="row_is_imported_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockdocument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "REVERSAL"), ("reverses__isnull", False)),
                    models.Q(models.Q(("kind", "REVERSAL"), _negated=True), ("reverses__isnull", True)),
                    _connector="OR",
                ),
                name="reversal_reverses",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockdocument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answers__isnull", False), ("counterpart__isnull", False), ("kind", "DELIVERY")),
                    models.Q(models.Q(("kind", "DELIVERY"), _negated=True), ("answers__isnull", True)),
                    _connector="OR",
                ),
                name="delivery_answers_a_dispatch",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockdocument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "DISPATCH"), _negated=True),
                    models.Q(
                        ("counterpart__isnull", False), models.Q(("counterpart", models.F("store")), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="dispatch_goes_elsewhere",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockdocument",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ("WASTE", "REVERSAL")), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="waste_and_reversal_have_a_reason",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stockdocument",
            trigger=pgtrigger.compiler.Trigger(
                name="never_edited",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e1480c34dafb09436a57fed124112f4805626eaf",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_never_edited_5ff47",
                    table="logistics_stockdocument",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="stockbalance",
            index=models.Index(condition=models.Q(("quantity__gt", 0)), fields=["item"], name="who_holds_an_item"),
        ),
        migrations.AddConstraint(
            model_name="stockbalance",
            constraint=models.UniqueConstraint(models.F("store"), models.F("item"), name="balance_is_unique"),
        ),
        migrations.AddConstraint(
            model_name="stockbalance",
            constraint=models.CheckConstraint(condition=models.Q(("quantity__gte", 0)), name="balance_is_not_negative"),
        ),
        # A document is closed by the end of the transaction that wrote it. The number is the whole transaction's,
        # whatever its savepoints; nothing but the default writes it, and documents are never edited.
        migrations.RunSQL(
            "ALTER TABLE logistics_stockdocument ADD COLUMN written_in xid8 NOT NULL DEFAULT pg_current_xact_id()",
            "ALTER TABLE logistics_stockdocument DROP COLUMN written_in",
        ),
        frozen(__file__, "balances"),
    ]

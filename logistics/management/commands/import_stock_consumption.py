"""Takes over the ministry's file of the consumption of vaccine."""

from logistics.management.commands._stock_import import StockImportCommand
from logistics.open_data.stock_rows import Table


class Command(StockImportCommand):
    help = "Records the ministry's file of used and wasted vaccine in the ledger. Safe to run twice."
    table_read = Table.CONSUMPTION

"""Proves that the ledger adds up."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from logistics.stock import ledger_check

UNITS = {"vials": "Closed vials", "doses": "Doses of opened vials", "pieces": "Pieces of material"}


class Command(BaseCommand):
    help = "Proves each promise of the ledger; names the first difference of each kind and exits 1 when there is any."

    def handle(self, *args: Any, **options: Any) -> None:
        found = ledger_check.differences()
        for wrong in found:
            self.stdout.write(str(wrong))
        scope = ledger_check.scope()
        checked = (
            f"{scope.stores} stores, {scope.items} items, {scope.documents} documents and "
            f"{scope.movements} movements checked"
        )
        if found:
            raise CommandError(f"{checked}, {len(found)} of {len(ledger_check.PROMISES) + 1} promises are broken.")
        self._tell_flows(ledger_check.flows())
        self.stdout.write(f"{checked}, all {len(ledger_check.PROMISES) + 1} promises hold.")

    def _tell_flows(self, flows: list[ledger_check.Flow]) -> None:
        for unit, name in UNITS.items():
            some = [flow for flow in flows if flow.unit == unit]
            self.stdout.write(
                f"{name}: {sum(flow.came for flow in some)} came, {sum(flow.left for flow in some)} left, "
                f"{sum(flow.transfers_off for flow in some):+d} in deliveries that differ; "
                f"{sum(flow.held for flow in some)} held, {sum(flow.in_transit for flow in some)} on their way."
            )

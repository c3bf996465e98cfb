"""Proves that the ledger adds up."""

from typing import Any

from crs.commands import OperationsCommand
from logistics.stock import ledger_check

UNITS = {"vials": "closed vials", "doses": "doses of opened vials", "pieces": "pieces of material"}


class Command(OperationsCommand):
    help = (
        "Proves each promise of the ledger; names the first difference of each kind and exits 1 when there is any. "
        "Reads only."
    )

    def run(self, *args: Any, **options: Any) -> None:
        found = ledger_check.differences()
        self.list_problems(found, is_failure=True)
        if not found:
            flows = ledger_check.flows()
            self.table(
                ("came", "left", "differing deliveries", "held", "on their way"),
                {name: _sums([flow for flow in flows if flow.unit == unit]) for unit, name in UNITS.items()},
            )
        checked = ledger_check.checked_rows()
        promises = len(ledger_check.PROMISES) + 1
        self.summarise(
            {
                "stores": checked.stores,
                "items": checked.items,
                "documents": checked.documents,
                "movements": checked.movements,
                "promises": promises,
                "promises broken": len(found),
            },
            outcome=f"all {promises} promises hold",
            failure=f"{len(found)} of {promises} promises are broken." if found else "",
        )


def _sums(flows: list[ledger_check.Flow]) -> tuple[int | str, ...]:
    return (
        sum(flow.came for flow in flows),
        sum(flow.left for flow in flows),
        f"{sum(flow.transfers_off for flow in flows):+,}",
        sum(flow.held for flow in flows),
        sum(flow.in_transit for flow in flows),
    )

"""The operations of logistics, as the history names them."""

from django.utils.translation import pgettext_lazy

from crs import history


class Operation(history.Operation):
    """A code stands in the history for good: it is never changed."""

    ACCEPT_INVITATION = "logistics.accept_invitation"
    TAKE_ROLE = "logistics.take_role"
    CHANGE_SITE_STATE = "logistics.change_site_state"
    IMPORT_SITES = "logistics.import_sites"
    IMPORT_STOCK = "logistics.import_stock"
    REGISTER_BATCH = "logistics.register_batch"
    BLOCK_BATCH = "logistics.block_batch"
    UNBLOCK_BATCH = "logistics.unblock_batch"
    CHANGE_EXPIRY = "logistics.change_expiry"


history.add_names(
    {
        Operation.ACCEPT_INVITATION: pgettext_lazy("history", "invitation accepted"),
        Operation.TAKE_ROLE: pgettext_lazy("history", "role taken away"),
        Operation.CHANGE_SITE_STATE: pgettext_lazy("history", "state of the site changed"),
        Operation.IMPORT_SITES: pgettext_lazy("history", "sites imported"),
        Operation.IMPORT_STOCK: pgettext_lazy("history", "stock imported"),
        Operation.REGISTER_BATCH: pgettext_lazy("history", "batch written down for the first time"),
        Operation.BLOCK_BATCH: pgettext_lazy("history", "batch blocked"),
        Operation.UNBLOCK_BATCH: pgettext_lazy("history", "batch unblocked"),
        Operation.CHANGE_EXPIRY: pgettext_lazy("history", "expiry changed"),
    }
)

"""The operations of logistics, as the history names them."""

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

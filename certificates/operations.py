"""The operations of certificates, as the history names them."""

from crs import history


class Operation(history.Operation):
    """A code stands in the history for good: it is never changed."""

    ASK = "certificates.ask"
    ISSUE = "certificates.issue"
    REVOKE = "certificates.revoke"
    HOLD = "certificates.hold"
    RELEASE = "certificates.release"
    REJECT = "certificates.reject"
    DELIVER = "certificates.deliver"
    CREATE_KEY = "certificates.create_key"
    IMPORT_KEY = "certificates.import_key"
    DELETE_KEY = "certificates.delete_key"
    WITHDRAW_SIGNER = "certificates.withdraw_signer"
    IMPORT_TRUST_LIST = "certificates.import_trust_list"

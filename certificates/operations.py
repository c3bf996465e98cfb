"""The operations of certificates, as the history names them."""

from django.utils.translation import pgettext_lazy

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


history.add_names(
    {
        Operation.ASK: pgettext_lazy("history", "certificate asked for"),
        Operation.ISSUE: pgettext_lazy("history", "certificate issued"),
        Operation.REVOKE: pgettext_lazy("history", "certificate revoked"),
        Operation.HOLD: pgettext_lazy("history", "request held"),
        Operation.RELEASE: pgettext_lazy("history", "request released"),
        Operation.REJECT: pgettext_lazy("history", "request rejected"),
        Operation.DELIVER: pgettext_lazy("history", "certificate sent"),
        Operation.CREATE_KEY: pgettext_lazy("history", "signing key made"),
        Operation.IMPORT_KEY: pgettext_lazy("history", "signing key imported"),
        Operation.DELETE_KEY: pgettext_lazy("history", "signing key deleted"),
        Operation.WITHDRAW_SIGNER: pgettext_lazy("history", "trust in a signer withdrawn"),
        Operation.IMPORT_TRUST_LIST: pgettext_lazy("history", "trust list read"),
    }
)

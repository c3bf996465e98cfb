"""The operations of registration, as the history names them."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from crs import history


class Operation(history.Operation):
    """A code stands in the history for good: it is never changed."""

    REGISTER = "registration.register"
    REGISTER_AT_SITE = "registration.register_at_site"
    REGISTER_AT_SITE_EARLY = "registration.register_at_site_early"
    REGISTER_CALLER = "registration.register_caller"
    CORRECT_CONTACT = "registration.correct_contact"
    CHANGE_EMAIL = "registration.change_email"
    CHANGE_PHONE = "registration.change_phone"
    CHANGE_SITES = "registration.change_sites"
    CHANGE_CLAIM = "registration.change_claim"
    CORRECT_PERSON = "registration.correct_person"
    SPELL_IN_LATIN = "registration.spell_in_latin"
    LEAVE = "registration.leave"
    COME_BACK = "registration.come_back"
    END = "registration.end"
    REOPEN = "registration.reopen"
    DECIDE_CLAIM = "registration.decide_claim"
    DECIDE_MISMATCH = "registration.decide_mismatch"
    CHECK_WITH_REGISTER = "registration.check_with_register"
    MERGE = "registration.merge"
    TAKE_APART = "registration.take_apart"
    EDIT_RULE = "registration.edit_rule"
    EDIT_GROUP = "registration.edit_group"
    REVOKE_CODE = "registration.revoke_code"
    HAND_OVER = "registration.hand_over"
    REPLAY = "registration.replay"


NAMES: dict[str, str | Promise] = {
    Operation.REGISTER: gettext_lazy("Registered in the portal"),
    Operation.REGISTER_AT_SITE: gettext_lazy("Registered at a vaccination site"),
    Operation.REGISTER_AT_SITE_EARLY: gettext_lazy("Registered at a vaccination site before the group's time"),
    Operation.REGISTER_CALLER: gettext_lazy("Registered by line 1221"),
    Operation.CORRECT_CONTACT: gettext_lazy("The contact was corrected"),
    Operation.CHANGE_EMAIL: gettext_lazy("The person changed the e-mail"),
    Operation.CHANGE_PHONE: gettext_lazy("The person changed the telephone"),
    Operation.CHANGE_SITES: gettext_lazy("The person changed the preferred sites"),
    Operation.CHANGE_CLAIM: gettext_lazy("The person changed the claim to a group"),
    Operation.CORRECT_PERSON: gettext_lazy("The person was corrected"),
    Operation.SPELL_IN_LATIN: gettext_lazy("The name was spelled in Latin letters"),
    Operation.LEAVE: gettext_lazy("The person left the campaign"),
    Operation.COME_BACK: gettext_lazy("The person came back to the campaign"),
    Operation.END: gettext_lazy("The registration was ended"),
    Operation.REOPEN: gettext_lazy("The registration was opened again"),
    Operation.DECIDE_CLAIM: gettext_lazy("Another telephone's registration was decided"),
    Operation.DECIDE_MISMATCH: gettext_lazy("A mismatch with a register was decided"),
    Operation.CHECK_WITH_REGISTER: gettext_lazy("Compared with a register"),
    Operation.MERGE: gettext_lazy("Two records of the person were joined"),
    Operation.TAKE_APART: gettext_lazy("The joined records were taken apart"),
    Operation.HAND_OVER: gettext_lazy("Handed over to doctors and mobile teams"),
    Operation.REPLAY: gettext_lazy("Made up from anonymous data"),
    Operation.EDIT_RULE: gettext_lazy("The rules of the group were changed"),
    Operation.EDIT_GROUP: gettext_lazy("The texts of the group were changed"),
    Operation.REVOKE_CODE: gettext_lazy("A registration code was revoked"),
}
history.add_names(NAMES)

"""The operations of registration, as the history names them."""

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

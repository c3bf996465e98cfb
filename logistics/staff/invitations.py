"""Invitations of staff by e-mail; accepting one gives the role."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import get_language

from crs import history, sent_forms
from crs.accounts.codes import grouped, plain, random_code
from crs.keyed_hash import keyed_hash
from crs.messaging import outbox
from crs.messaging.models import Message
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import Region, Role, StaffInvitation, StaffRole, VaccinationSite
from logistics.operations import Operation
from logistics.staff import ranks
from logistics.staff.errors import (
    AccountExists,
    InvitationExpired,
    InvitationUsed,
    InvitationWithdrawn,
    NoSuchInvitation,
    NothingToWithdraw,
    NotToYourself,
    NotYoursToGive,
)

VALID_FOR = timedelta(days=7)
CODE_LENGTH = 10


def invite(
    *,
    email: str,
    role: Role,
    by: User,
    now: datetime,
    site: VaccinationSite | None = None,
    region: Region | None = None,
    form: Sending = NO_FORM,
) -> StaffInvitation:
    """Invite `email` to a role at its place by e-mail, valid for seven days; an older invitation to it ends.

    Raises NotYoursToGive, NotToYourself, FormChanged.
    """

    def record() -> Outcome:
        code = random_code(CODE_LENGTH)
        older = _waiting(now).filter(email__iexact=email, role=role, site=site, region=region)
        older.update(expires_at=now)
        invitation = StaffInvitation.objects.create(
            email=email.lower(),
            role=role,
            site=site,
            region=region,
            code_hash=_hash(code),
            invited_by=by,
            invited_at=now,
            expires_at=now + VALID_FOR,
        )
        _queue_letter(invitation, code)
        return {"invitation": str(invitation.pk)}

    if not ranks.may_give(by, role, site):
        raise NotYoursToGive
    if _accounts_with(email).filter(pk=by.pk).exists():
        raise NotToYourself
    outcome = sent_forms.once(form, record) or {}
    return StaffInvitation.objects.get(pk=outcome["invitation"])


def find_invitation(*, email: str, code: str, now: datetime) -> StaffInvitation:
    """Find the invitation by its code and the e-mail to which it came.

    Raises NoSuchInvitation, and for somebody who knows both: InvitationExpired, InvitationUsed, InvitationWithdrawn.
    """
    found = StaffInvitation.objects.filter(code_hash=_hash(plain(code)), email__iexact=email.strip()).first()
    if found is None:
        raise NoSuchInvitation
    _check_usable(found, now)
    return found


def invited_account(invitation: StaffInvitation) -> User | None:
    """The account that has the e-mail of the invitation already."""
    return _accounts_with(invitation.email).order_by("pk").first()


def accept(*, invitation_id: UUID, user: User, now: datetime) -> StaffRole:
    """Give the invited role to `user`, whose password the caller checked.

    Raises NotToYourself where they had sent it, InvitationExpired, InvitationUsed, InvitationWithdrawn.
    """
    with transaction.atomic(), history.recording(Operation.ACCEPT_INVITATION, by=user, invitation=str(invitation_id)):
        # Locked, so that an invitation makes one colleague, however often its button is pressed.
        invitation = StaffInvitation.objects.select_for_update(no_key=True).get(pk=invitation_id)
        _check_usable(invitation, now)
        # Compared by account: they may have sent it to another e-mail of their own.
        if invitation.invited_by_id == user.pk:
            raise NotToYourself
        invitation.accepted_at, invitation.accepted_by = now, user
        invitation.save(update_fields=["accepted_at", "accepted_by"])
        if not user.is_staff:
            user.is_staff = True
            user.save(update_fields=["is_staff"])
        return StaffRole.objects.get_or_create(
            user=user, role=invitation.role, site=invitation.site, region=invitation.region
        )[0]


def accept_as_new(*, invitation_id: UUID, first_name: str, last_name: str, password: str, now: datetime) -> User:
    """Make the account of the invited person and give it the role; `password` has passed the validators.

    Raises AccountExists, InvitationExpired, InvitationUsed, InvitationWithdrawn.
    """
    with transaction.atomic():
        invitation = StaffInvitation.objects.select_for_update(no_key=True).get(pk=invitation_id)
        _check_usable(invitation, now)
        if invited_account(invitation) is not None:
            raise AccountExists
        try:
            with transaction.atomic():
                user = User.objects.create_user(
                    invitation.email,
                    invitation.email,
                    password,
                    first_name=first_name,
                    last_name=last_name,
                    is_staff=True,
                )
        except IntegrityError as error:  # two invitations of one e-mail accepted at once
            raise AccountExists from error
        accept(invitation_id=invitation_id, user=user, now=now)
    return user


def open_invitations(site: VaccinationSite | None, *, now: datetime) -> QuerySet[StaffInvitation]:
    """Invitations to the site that wait for an answer; without a site those of region, distributor and ministry."""
    return _waiting(now).filter(site=site).select_related("region").order_by("email__czech")


def withdraw(*, invitation_id: UUID, by: User, now: datetime, form: Sending = NO_FORM) -> VaccinationSite | None:
    """Take an invitation back that nobody has accepted; its code gives nothing any more. Returns the site.

    Whoever may give the role may do so. Raises NotYoursToGive, NothingToWithdraw, FormChanged.
    """

    def record() -> Outcome:
        invitation = StaffInvitation.objects.select_related("site").get(pk=invitation_id)
        if not ranks.may_give(by, Role(invitation.role), invitation.site):
            raise NotYoursToGive
        # The WHERE clause is the check: somebody may accept it at this moment.
        if not _waiting(now).filter(pk=invitation_id).update(withdrawn_at=now, withdrawn_by=by):
            raise NothingToWithdraw
        return {"site": str(invitation.site_id) if invitation.site_id else None}

    outcome = sent_forms.once(form, record) or {}
    return VaccinationSite.objects.get(pk=outcome["site"]) if outcome["site"] else None


def _waiting(now: datetime) -> QuerySet[StaffInvitation]:
    return StaffInvitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)


def _accounts_with(email: str) -> QuerySet[User]:
    return User.objects.filter(Q(username__iexact=email) | Q(email__iexact=email))


def _queue_letter(invitation: StaffInvitation, code: str) -> None:
    outbox.queue(
        channel=Message.Channel.EMAIL,
        recipient=invitation.email,
        template="logistics/staff_invitation",
        language=get_language() or settings.LANGUAGE_CODE,
        context={
            "invitation": invitation,
            "code": grouped(code, CODE_LENGTH // 2),
            "address": settings.PUBLIC_URL + reverse("logistics:invitation"),
        },
        is_secret=True,
        reference=str(invitation.pk),
    )


def _check_usable(invitation: StaffInvitation, now: datetime) -> None:
    if invitation.accepted_at is not None:
        raise InvitationUsed
    if invitation.withdrawn_at is not None:
        raise InvitationWithdrawn
    # An inviter whose account was deactivated, or who lost the role that let them invite, gives nothing any more.
    by, role = invitation.invited_by, Role(invitation.role)
    if invitation.expires_at <= now or not (by.is_active and ranks.may_give(by, role, invitation.site)):
        raise InvitationExpired


def _hash(code: str) -> str:
    return keyed_hash("staff-invitation", code)

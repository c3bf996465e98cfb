"""Staff: the roles of users at sites, in regions and everywhere, and invitations to a role."""

import uuid

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from logistics.models.sites import Region, VaccinationSite


class Role(models.TextChoices):
    """The work of a member of staff: the first five at a site, the sixth in a region, the others everywhere.

    The field team of the help desks works in a region or everywhere.
    """

    MANAGER = "MANAGER", _("site manager")
    REGISTRAR = "REGISTRAR", _("registrar")
    VACCINATOR = "VACCINATOR", _("vaccinator")
    STOCK_KEEPER = "STOCK_KEEPER", _("stock keeper")
    IT = "IT", _("IT of the site")
    REGION = "REGION", _("regional coordinator")
    DISTRIBUTOR = "DISTRIBUTOR", _("distributor")
    MINISTRY = "MINISTRY", _("ministry")
    SUPPORT_L1 = "SUPPORT_L1", _("help desk L1, field team")
    SUPPORT_L2 = "SUPPORT_L2", _("help desk L2, dispatcher")
    SUPPORT_L3 = "SUPPORT_L3", _("help desk L3, expert")
    SUPPORT_LEAD = "SUPPORT_LEAD", _("lead of the help desks")


SITE_ROLES = (Role.MANAGER, Role.REGISTRAR, Role.VACCINATOR, Role.STOCK_KEEPER, Role.IT)
SUPPORT_ROLES = (Role.SUPPORT_L1, Role.SUPPORT_L2, Role.SUPPORT_L3, Role.SUPPORT_LEAD)
OFFICE_ROLES = (Role.REGION, Role.DISTRIBUTOR, Role.MINISTRY, *SUPPORT_ROLES)
_EVERYWHERE = (Role.DISTRIBUTOR, Role.MINISTRY, Role.SUPPORT_L2, Role.SUPPORT_L3, Role.SUPPORT_LEAD)


def _place_fits_role(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(role__in=SITE_ROLES, site__isnull=False, region__isnull=True)
        | Q(role=Role.REGION, site__isnull=True, region__isnull=False)
        | Q(role=Role.SUPPORT_L1, site__isnull=True)
        | Q(role__in=_EVERYWHERE, site__isnull=True, region__isnull=True),
        name=name,
        violation_error_message=_("A role at a site needs the site, a regional one the region, others neither."),
    )


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class StaffRole(models.Model):
    """A role of a user at a site, in a region or everywhere. All that a user may see and do follows from these."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="staff_roles", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=20, choices=Role)
    site = models.ForeignKey(
        VaccinationSite, models.CASCADE, related_name="staff", verbose_name=_("site"), null=True, blank=True
    )
    region = models.ForeignKey(
        Region, models.CASCADE, related_name="staff", verbose_name=_("region"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("role of a user")
        verbose_name_plural = _("roles of users")
        ordering = ("user", "role", "site", "region")
        constraints = [
            models.UniqueConstraint("user", "role", "site", "region", name="role_is_given_once", nulls_distinct=False),
            _place_fits_role("role_fits_its_place"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()} {self.site or self.region or ''}".rstrip()


class StaffInvitation(models.Model):
    """An invitation by e-mail to take a role; the code in the e-mail is kept only as a keyed hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    site = models.ForeignKey(VaccinationSite, models.CASCADE, verbose_name=_("site"), null=True, blank=True)
    region = models.ForeignKey(Region, models.CASCADE, verbose_name=_("region"), null=True, blank=True)
    code_hash = models.CharField(_("hash of the code"), max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("invited by")
    )
    invited_at = models.DateTimeField(_("invited at"))
    expires_at = models.DateTimeField(_("valid until"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("accepted by"), null=True, blank=True
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("withdrawn by"),
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = _("staff invitation")
        verbose_name_plural = _("staff invitations")
        ordering = ("-invited_at",)
        constraints = [
            _place_fits_role("invitation_fits_its_place"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, accepted_at=None),
                name="withdrawn_invitation_gives_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.site or self.region or ''}".rstrip()

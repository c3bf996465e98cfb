"""The tables of logistics, by what they are about."""

from logistics.models.announcements import AnnouncedDelivery
from logistics.models.sites import (
    District,
    Outline,
    Region,
    SiteContact,
    VaccinationSite,
    WeekdayHours,
    region_of_site,
)
from logistics.models.staff import SITE_ROLES, SUPPORT_ROLES, Role, StaffInvitation, StaffRole
from logistics.models.stock import StockBalance, StockDocument, StockMovement
from logistics.models.stores import Material, StockItem, Store
from logistics.models.vaccines import Batch, DoseInterval, DoseRule, Pack, StorageCondition, StorageRule, Vaccine

__all__ = [
    "SITE_ROLES",
    "SUPPORT_ROLES",
    "AnnouncedDelivery",
    "Batch",
    "District",
    "DoseInterval",
    "DoseRule",
    "Material",
    "Outline",
    "Pack",
    "Region",
    "Role",
    "SiteContact",
    "StaffInvitation",
    "StaffRole",
    "StockBalance",
    "StockDocument",
    "StockItem",
    "StockMovement",
    "StorageCondition",
    "StorageRule",
    "Store",
    "VaccinationSite",
    "Vaccine",
    "WeekdayHours",
    "region_of_site",
]

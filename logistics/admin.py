"""The screens of the admin; each subject has its own."""

from logistics.sites import admin as sites
from logistics.staff import admin as staff
from logistics.stock import admin as stock
from logistics.vaccines import admin as vaccines

__all__ = ["sites", "staff", "stock", "vaccines"]

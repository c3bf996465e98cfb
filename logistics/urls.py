"""Addresses of logistics: public pages of sites, staff's accounts, stock."""

from django.urls import URLPattern

app_name = "logistics"
# pages of sites for everybody (logistics/views/sites.py)
sites: list[URLPattern] = []
# log-in, second factor, invitations (logistics/views/staff.py)
staff: list[URLPattern] = []
# the stock keeper's screens (logistics/views/stock.py, deliveries.py)
stock: list[URLPattern] = []
# stock views, batches (logistics/views/reports.py, batches.py)
reports: list[URLPattern] = []

urlpatterns = [*sites, *staff, *stock, *reports]

"""Addresses of logistics: public pages of sites, staff's accounts, stock."""

from django.urls import URLPattern, path

from logistics.reports import views as report_views
from logistics.sites import views as site_views
from logistics.staff import start_page as staff_views
from logistics.staff import views
from logistics.stock.views import acts, deliveries, documents
from logistics.stock.views import batches as batch_views
from logistics.stock.views import stores as stock_views
from logistics.views import forgotten_password

app_name = "logistics"
# pages of sites for everybody (logistics/sites/views.py)
sites: list[URLPattern] = [
    path("ockovaci-mista/", site_views.site_list, name="sites"),
    path("ockovaci-mista/<uuid:site_id>/", site_views.site, name="site"),
]
# log-in, second factor, invitations (logistics/staff/start_page.py, forgotten_password.py, colleagues.py)
staff: list[URLPattern] = [
    path("personal/", staff_views.account, name="account"),
    path("personal/prihlaseni/", staff_views.log_in, name="log_in"),
    path("personal/kod/", staff_views.code, name="code"),
    path("personal/nastaveni/", staff_views.set_up, name="set_up"),
    path("personal/odhlaseni/", staff_views.log_out, name="log_out"),
    path("personal/heslo/", staff_views.password, name="password"),
    path("personal/zapomenute-heslo/", forgotten_password.ask, name="forgotten_password"),
    path("personal/zapomenute-heslo/kod/", forgotten_password.code, name="reset_code"),
    path("personal/zapomenute-heslo/nove/", forgotten_password.choose, name="new_password"),
    path("personal/zalozni-kody/", staff_views.recovery_codes, name="recovery_codes"),
    path("personal/aplikace/", staff_views.device, name="device"),
    path("personal/pozvanka/", views.invitation, name="invitation"),
    path("personal/pozvanka/prijeti/", views.accept, name="accept"),
    path("personal/mista/<uuid:site_id>/", views.site_staff, name="site_staff"),
    path("personal/urady/", views.office_staff, name="office_staff"),
    path("personal/role/<int:role_id>/odebrat/", views.take_role, name="take_role"),
    path("personal/role/<int:role_id>/druhy-faktor/", views.reset_second_factor, name="reset_second_factor"),
]
# the stock keeper's screens (logistics/stock/views/stores.py, acts.py, deliveries.py, documents.py)
stock: list[URLPattern] = [
    path("sklad/", stock_views.home, name="stock_home"),
    path("sklad/zalozit/<uuid:site_id>/", stock_views.establish, name="establish"),
    path("sklad/zalozit/distributor/", stock_views.establish_distributor, name="establish_distributor"),
    path("sklad/zalozit/kraj/<slug:code>/", stock_views.establish_region, name="establish_region"),
    path("sklad/<int:store_id>/", stock_views.store, name="store"),
    path("sklad/<int:store_id>/prijem/", acts.receive, name="receive"),
    path("sklad/<int:store_id>/otevrit/", acts.open_vials, name="open"),
    path("sklad/<int:store_id>/spotreba/", acts.consume, name="consume"),
    path("sklad/<int:store_id>/uskladneni/", acts.storage, name="storage"),
    path("sklad/<int:store_id>/znehodnoceni/", acts.waste, name="waste"),
    path("sklad/<int:store_id>/inventura/", acts.stocktake, name="stocktake"),
    path("sklad/<int:store_id>/vydej/", deliveries.send, name="send"),
    path("sklad/<int:store_id>/dodavky/<int:document_id>/", deliveries.delivery, name="delivery"),
    path("sklad/<int:store_id>/doklady/", documents.document_list, name="documents"),
    path("sklad/<int:store_id>/doklady/<int:document_id>/", documents.document, name="document"),
    path("sklad/<int:store_id>/doklady/<int:document_id>/storno/", documents.reverse, name="reverse"),
    path("sklad/<int:store_id>/doklady/<int:document_id>/dodaci-list/", deliveries.delivery_note, name="delivery_note"),
]
# stock views, batches (logistics/reports/views.py, batches.py)
reports: list[URLPattern] = [
    path("sklad/prehled/", report_views.overview, name="overview"),
    path("sklad/prehled/<slug:name>.csv", report_views.table, name="overview_csv"),
    path("sklad/prehled/kraj/<slug:code>/", report_views.region, name="region_report"),
    path("sklad/prehled/kraj/<slug:code>/<slug:name>.csv", report_views.table, name="region_csv"),
    path("sklad/prehled/misto/<int:store_id>/", report_views.place, name="store_report"),
    path("sklad/prehled/misto/<int:store_id>/<slug:name>.csv", report_views.table, name="store_csv"),
    path("sklad/sarze/", batch_views.batches, name="batches"),
    path("sklad/sarze/<int:batch_id>/", batch_views.batch, name="batch"),
    path("sklad/sarze/<int:batch_id>/pouziti.csv", batch_views.uses, name="batch_uses"),
    path("sklad/sarze/<int:batch_id>/zablokovat/", batch_views.block, name="batch_block"),
    path("sklad/sarze/<int:batch_id>/odblokovat/", batch_views.unblock, name="batch_unblock"),
    path("sklad/sarze/<int:batch_id>/expirace/", batch_views.expiry, name="batch_expiry"),
]

urlpatterns = [*sites, *staff, *stock, *reports]

"""Addresses of the stock keeper's pages and of batches."""

from django.urls import path

from logistics.stock.views import announcements, batches, deliveries, documents, entries, stores

urlpatterns = [
    path("sklad/", stores.home, name="stock_home"),
    path("sklad/zalozit/<uuid:site_id>/", stores.establish, name="establish"),
    path("sklad/zalozit/distributor/", stores.establish_distributor, name="establish_distributor"),
    path("sklad/zalozit/kraj/<slug:code>/", stores.establish_region, name="establish_region"),
    path("sklad/<int:store_id>/", stores.store, name="store"),
    path("sklad/<int:store_id>/prijem/", entries.receive, name="receive"),
    path("sklad/<int:store_id>/otevrit/", entries.open_vials, name="open"),
    path("sklad/<int:store_id>/spotreba/", entries.consume, name="consume"),
    path("sklad/<int:store_id>/uskladneni/", entries.storage, name="storage"),
    path("sklad/<int:store_id>/znehodnoceni/", entries.waste, name="waste"),
    path("sklad/<int:store_id>/inventura/", entries.stocktake, name="stocktake"),
    path("sklad/<int:store_id>/vydej/", deliveries.send, name="send"),
    path("sklad/<int:store_id>/dodavky/<int:document_id>/", deliveries.delivery, name="delivery"),
    path("sklad/<int:store_id>/doklady/", documents.document_list, name="documents"),
    path("sklad/<int:store_id>/doklady/<int:document_id>/", documents.document, name="document"),
    path("sklad/<int:store_id>/doklady/<int:document_id>/storno/", documents.reverse, name="reverse"),
    path("sklad/<int:store_id>/doklady/<int:document_id>/dodaci-list/", deliveries.delivery_note, name="delivery_note"),
    path("sklad/<int:store_id>/ohlasene/", announcements.announced, name="announced"),
    path("sklad/<int:store_id>/ohlasene/nova/", announcements.announce, name="announce"),
    path("sklad/<int:store_id>/ohlasene/<int:delivery_id>/odvolat/", announcements.withdraw, name="announced_withdraw"),
    path("sklad/<int:store_id>/ohlasene/<int:delivery_id>/dorazila/", announcements.settle, name="announced_settle"),
    path("sklad/sarze/", batches.batches, name="batches"),
    path("sklad/sarze/<int:batch_id>/", batches.batch, name="batch"),
    path("sklad/sarze/<int:batch_id>/pouziti.csv", batches.uses, name="batch_uses"),
    path("sklad/sarze/<int:batch_id>/zablokovat/", batches.block, name="batch_block"),
    path("sklad/sarze/<int:batch_id>/odblokovat/", batches.unblock, name="batch_unblock"),
    path("sklad/sarze/<int:batch_id>/expirace/", batches.expiry, name="batch_expiry"),
]

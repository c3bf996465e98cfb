"""Addresses of the lists of revocations."""

from django.urls import URLPattern, path

from certificates.revocation import views

urlpatterns: list[URLPattern] = [
    path(".well-known/dcc-revocation-list.jws", views.signed_list, name="signed_revocations"),
    path(".well-known/dcc-revocation-list.json", views.plain_list, name="revocations"),
    path("dcc/revocation-list", views.batches, name="revocation_batches"),
    path("dcc/revocation-list/<slug:batch_id>", views.batch, name="revocation_batch"),
]

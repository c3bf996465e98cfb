"""Addresses of the trust list. The paths below `dcc/` are those of the EU's verifier service."""

from django.urls import URLPattern, path

from certificates.trust import views

urlpatterns: list[URLPattern] = [
    path(".well-known/dcc-trust-list.json", views.trust_list_json, name="trust_list_json"),
    path(".well-known/dcc-trust-list.pem", views.trust_list_pem, name="trust_list_pem"),
    path("dcc/signercertificateUpdate", views.update, name="dcc_update"),
    path("dcc/signercertificateStatus", views.status, name="dcc_status"),
    path("dcc/signercertificateStatus/delta", views.status_delta, name="dcc_status_delta"),
    path("dcc/context", views.context, name="dcc_context"),
]

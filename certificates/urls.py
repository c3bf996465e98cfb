"""Addresses of certificates, by subject. None of them holds a secret or a personal datum."""

from django.urls import include, path

app_name = "certificates"
urlpatterns = [
    path("", include("certificates.trust.urls")),
    path("", include("certificates.revocation.urls")),
    path("", include("certificates.issuing.urls")),
    path("", include("certificates.desk.urls")),
    path("", include("certificates.checking.urls")),
]

"""Addresses of registration, by subject. None of them carries a secret or anything about a person."""

from django.urls import include, path

app_name = "registration"
urlpatterns = [
    path("registrace/", include("registration.telephones.urls")),
    path("registrace/", include("registration.applying.urls")),
    path("moje/registrace/", include("registration.mine.urls")),
    path("personal/skupiny/", include("registration.groups.urls")),
    path("personal/nesrovnalosti/", include("registration.desk.mismatches.urls")),
    path("", include("registration.codes.urls")),
    path("personal/registrace/", include("registration.desk.urls")),
    path("personal/dopisy/", include("registration.posting.urls")),
]

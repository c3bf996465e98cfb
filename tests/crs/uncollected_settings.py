"""For a stack whose pages nobody looks at: collecting the static files takes longer than such a test."""

from crs.settings import *  # noqa: F403

STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

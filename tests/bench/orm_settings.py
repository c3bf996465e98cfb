"""Settings of the yardstick that Django's ORM writes: the models of CRS, on the tables of the schema `orm`."""

from crs.settings import *  # noqa: F403 (the models need the apps of CRS and what these ask for)
from crs.settings import DATABASES as _DATABASES

ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.bench.bare_orm"
MIDDLEWARE = []
_OPTIONS = _DATABASES["default"]["OPTIONS"]
_OPTIONS["options"] = f"{_OPTIONS.get('options', '')} -c search_path=orm,public"

"""Settings of the bare views: the database of CRS and nothing else."""

from crs.settings import DATABASE_SILENCE as DATABASE_SILENCE
from crs.settings import DATABASES as DATABASES

SECRET_KEY = "bench"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.bench.bare"
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
USE_TZ = True

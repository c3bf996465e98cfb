"""Settings of the bare views: the database of CRS and nothing else."""

from crs.settings import DATABASE_SILENCE as DATABASE_SILENCE
from crs.settings import DATABASES as DATABASES
from crs.settings import LARGER_BODIES as LARGER_BODIES  # the web server asks for it

SECRET_KEY = "bench"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.bench.bare"
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
USE_TZ = True

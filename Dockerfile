# syntax=docker/dockerfile:1

# --- front-end packages: a few files that collectstatic takes ------------------------------------
FROM node:24-bookworm-slim AS frontend
WORKDIR /crs
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

# --- Python packages, translations, static files --------------------------------------------------
FROM python:3.13-slim-bookworm AS build
ENV PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /crs
COPY requirements.lock ./
RUN pip install --require-hashes --requirement requirements.lock
COPY . .
COPY --from=frontend /crs/node_modules ./node_modules
# Neither command reads a database; the values only let the settings load and end with this stage.
RUN DATABASE_URL=postgresql://build REDIS_URL=redis://build SECRET_KEY=build LOOKUP_KEY=build \
    FIELD_ENCRYPTION_KEY=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= \
    sh -c 'python manage.py compile_translations && python manage.py collectstatic --no-input' \
    && rm -rf node_modules/axe-core tests

# --- what runs ----------------------------------------------------------------------------------------
FROM python:3.13-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core espeak-ng \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /crs --no-create-home crs
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /crs
COPY --from=build /opt/venv /opt/venv
COPY --from=build /crs /crs
USER crs
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# One process per core; requests queue for the few database connections (docs/performance.md).
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "4", "--no-ws", "--workers-lifetime", "12h", "--respawn-failed-workers", "crs.wsgi:application"]

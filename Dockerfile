# syntax=docker/dockerfile:1

# --- front-end packages: a few files that collectstatic takes ------------------------------------
FROM node:24.19-bookworm-slim AS frontend
WORKDIR /crs
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

# --- Python packages, translations, static files --------------------------------------------------
FROM python:3.13-slim-bookworm AS build
ENV PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /crs
COPY requirements-pip.lock requirements.lock ./
RUN pip install --require-hashes --upgrade --requirement requirements-pip.lock \
    && pip install --require-hashes --requirement requirements.lock
COPY . .
COPY --from=frontend /crs/node_modules ./node_modules
# Neither command reads a database or holds anything: a local run's keys, made and thrown away here.
RUN python manage.py compile_translations && python manage.py collectstatic --no-input \
    && rm -rf .local node_modules/axe-core tests

# --- the proxy: nginx with our configuration and the static files of this very release -----------------
FROM nginx:1.30-alpine AS proxy
COPY deploy/nginx/nginx.conf deploy/nginx/web.conf deploy/nginx/file-headers.conf deploy/nginx/allowed-networks.conf /etc/nginx/
COPY deploy/nginx/pages /srv/pages
COPY --from=build /crs/staticfiles /srv/static
USER nginx
EXPOSE 8080 8443
# Not the image's own entry point, which edits files that cannot be written here.
ENTRYPOINT ["nginx", "-g", "daemon off;"]
CMD []

# --- what runs ----------------------------------------------------------------------------------------
FROM python:3.13-slim-bookworm AS crs
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
# Ends a server that no longer answers, so that the engine starts it again.
HEALTHCHECK --interval=15s --timeout=40s --start-period=20s --retries=1 \
    CMD ["python", "-m", "crs.web.alive", "--port", "8000", "--pid-file", "/tmp/web.pid"]
# One process per core; requests queue for the few database connections (docs/performance.md).
CMD ["python", "-m", "crs.web", "--host", "0.0.0.0", "--port", "8000", "--pid-file", "/tmp/web.pid"]

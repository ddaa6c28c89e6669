# The service as an image. Building needs the package registries; running needs no network but the database's.
#
#   docker build -t getu .
#   docker run -e DATABASE_URL=... -v getu:/var/lib/getu -p 127.0.0.1:8000:8000 getu

# --- the browser parts, by exact version and hash; Node stays in this stage ---
FROM node:20.18.1-bookworm-slim AS static
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
COPY scripts/vendor_static.mjs scripts/
RUN node scripts/vendor_static.mjs

# --- the Python parts, by hash; only what runs, no test tool ---
FROM python:3.11.11-slim-bookworm AS build
ENV UV_SYSTEM_CERTS=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/setup && python -m venv --without-pip /opt/getu/.venv
# The inner loop of locating is compiled here; the compiler stays in this stage.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/getu
COPY requirements-setup.lock requirements-run.lock ./
RUN /opt/setup/bin/pip install --no-cache-dir --require-hashes --requirement requirements-setup.lock \
 && /opt/setup/bin/uv pip sync --no-cache --compile-bytecode --python .venv --require-hashes requirements-setup.lock requirements-run.lock
COPY pyproject.toml README.md ./
COPY app app
COPY migrations migrations
RUN /opt/setup/bin/uv pip install --offline --python .venv --no-deps --no-build-isolation --editable . \
 && /opt/setup/bin/uv pip uninstall --python .venv uv setuptools \
 && .venv/bin/python -m app.spatial.native \
 && .venv/bin/python -m compileall -q app .venv

# --- what runs ---
FROM python:3.11.11-slim-bookworm
LABEL org.opencontainers.image.title="Getu 格图" \
      org.opencontainers.image.description="Whose ground this is, who lives on it, how well they are served"
# Wall maps need the Chinese faces, backups need pg_dump.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates fonts-noto-cjk postgresql-client-15 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --home-dir /var/lib/getu --shell /usr/sbin/nologin getu \
 && install -d -o getu -g getu -m 0750 /var/lib/getu
COPY --from=build /opt/getu /opt/getu
COPY --from=static /build/app/maps/static/vendor /opt/getu/app/maps/static/vendor
COPY --chmod=0755 scripts/container_entry.sh /opt/getu/container_entry.sh
ENV PATH=/opt/getu/.venv/bin:$PATH \
    GETU_HOME=/var/lib/getu \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /var/lib/getu
USER 10001:10001
VOLUME ["/var/lib/getu"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["/opt/getu/container_entry.sh"]
CMD ["getu", "serve", "--host", "0.0.0.0", "--port", "8000"]

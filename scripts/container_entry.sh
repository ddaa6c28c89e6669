#!/bin/sh
# Reads a secret from a file instead of the environment: PGPASSWORD_FILE=/run/secrets/x, DATABASE_URL_FILE=... .
# A secret in a file shows in no `docker inspect` and in no process list.
set -eu

for name in PGPASSWORD DATABASE_URL GETU_ADMIN_URL; do
  eval "file=\${${name}_FILE:-}"
  if [ -n "$file" ]; then
    value=$(cat "$file")
    export "$name=$value"
    unset "${name}_FILE"
  fi
done

exec "$@"

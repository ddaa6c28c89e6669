#!/bin/sh
# Run once by the database image on an empty volume: the service's own role, which may sign in and no more.
# NOINHERIT: a policy for a role holds for all who inherit that role, so inheritance would show every row.
set -eu

psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set password="$(cat /run/secrets/login_password)" <<'SQL'
CREATE ROLE getu_login NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT LOGIN PASSWORD :'password';
SQL

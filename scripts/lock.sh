#!/usr/bin/env bash
# Pins every part again, by exact version and hash and without the address it came from.
#
#   requirements.lock        all groups: what `make setup` installs
#   requirements-run.lock    without the development group: what an image or a server installs
#   requirements-setup.lock  the installer itself, and the builder of our own package
#   package-lock.json        the browser parts
set -euo pipefail
cd "$(dirname "$0")/.."
export UV_SYSTEM_CERTS=1
uv=.venv/bin/uv

$uv lock --quiet ${UPGRADE:+--upgrade}
common=(export --quiet --locked --no-emit-project --no-header --no-annotate --format requirements.txt)
$uv "${common[@]}" --all-groups --output-file requirements.lock >/dev/null
$uv "${common[@]}" --no-dev --output-file requirements-run.lock >/dev/null
version=$($uv --version | cut -d' ' -f2)
builder=$(grep -oE '^setuptools==[0-9.]+' requirements.lock)
printf '%s\n' "uv==$version" "$builder" | $uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate - \
  --output-file requirements-setup.lock >/dev/null
npm install --package-lock-only --silent

# uv.lock carries an address for each file, so it stays out of the repository; the exports must carry none.
if grep -nE 'https?://|"resolved"' requirements*.lock || grep -n '"resolved"' package-lock.json; then
  echo "lock: an address slipped in" >&2
  exit 1
fi

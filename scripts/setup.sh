#!/usr/bin/env bash
# Installs what is missing and nothing else; every step may be killed and run again.
#
#   scripts/setup.sh run     what the program needs: system packages, Python parts, browser parts
#   scripts/setup.sh test    what only the tests need besides
#   scripts/setup.sh list    what is missing now, nothing changed
#
# DATABASE_URL set: a bank's own server is used, so no server is installed here.
set -euo pipefail

# One run at a time. flock -o keeps the lock from the children: a service started by apt would hold it for ever.
if [ -z "${GETU_SETUP_LOCKED:-}" ]; then
  GETU_SETUP_LOCKED=1 exec flock -o "$0" "$0" "$@"
fi
cd "$(dirname "$0")/.."

PYTHON="${PYTHON:-python3}"
SYSTEM_CERTIFICATES=/etc/ssl/certs/ca-certificates.crt

# Everything that comes from the system, in one place: packages : the command that proves they are there.
RUN_PARTS=(
  "ca-certificates : test -s $SYSTEM_CERTIFICATES"
  "python3-venv : has_venv"
  "fonts-noto-cjk : has_font"
  "nodejs npm : has_static_or_node"
)
SERVER_PART="postgresql-postgis postgresql-postgis-scripts : has_postgis"
CLIENT_PART="postgresql-client : command -v pg_dump"
# Chromium as a program without its own windows: the same pages at half of the processor time.
TEST_PARTS=("chromium-headless-shell : command -v chromium-headless-shell" "libatomic1 : has_libatomic" "nodejs npm : command -v npm")

# Locating a million points is three times faster compiled; nobody is turned away for want of a compiler.
COMPILER_PART="gcc libc6-dev : has_compiler"

has_venv() { [ -x .venv/bin/python ] || "$PYTHON" -c 'import ensurepip, venv'; }
has_font() { compgen -G '/usr/share/fonts/*/noto*/NotoSansCJK-Regular.*'; }
has_postgis() {
  [ -n "${GETU_PG_BIN:-}" ] ||
    { compgen -G '/usr/lib/postgresql/*/bin/initdb' && compgen -G '/usr/share/postgresql/*/extension/postgis.control'; }
}
has_static_or_node() { static_is_made || command -v npm; }
# The browser driver of the tests is a Node of its own that needs it; a minimal Debian has none.
has_libatomic() { compgen -G '/usr/lib/*/libatomic.so.1' || compgen -G '/lib/*/libatomic.so.1'; }
has_compiler() { command -v cc || command -v gcc || command -v clang || kernel_is_made; }
may_install() { command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; }; }

say() { printf '%s\n' "$*" >&2; }
fail() { say "setup: $*"; exit 3; }

# Prints the packages whose proof fails, one a line.
list_missing() {
  local part
  for part in "$@"; do
    (eval "${part#* : }") >/dev/null 2>&1 || printf '%s\n' ${part%% : *}
  done
}

list_parts() {
  if [ -n "${DATABASE_URL:-}" ]; then printf '%s\n' "$CLIENT_PART"; else printf '%s\n' "$SERVER_PART"; fi
  printf '%s\n' "$@"
}

# Installs the missing packages by apt; says what to install by hand where there is no apt or no right to use it.
install_missing() {
  local parts missing root=()
  mapfile -t parts < <(list_parts "$@")
  mapfile -t missing < <(list_missing "${parts[@]}" | sort -u)
  [ "${#missing[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "please install (no apt here) / 请安装: ${missing[*]}"
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "please let root install / 请让管理员安装: ${missing[*]}"
    root=(sudo)
  fi
  say "installing / 正在安装: ${missing[*]}"
  forbid_main_cluster "${root[@]}"
  local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0)
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive dpkg --configure -a >/dev/null || true # of a killed run
  quietly "${apt[@]}" update
  quietly "${apt[@]}" install --yes --no-install-recommends "${missing[@]}"
  mapfile -t missing < <(list_missing "${parts[@]}" | sort -u)
  [ "${#missing[@]}" = 0 ] || fail "still missing after apt / 安装后仍缺: ${missing[*]}"
}

# Runs a talkative program; its words are shown only when it fails.
quietly() {
  local words
  words=$("$@" 2>&1) || { say "$words"; fail "failed / 失败: $*"; }
}

# Debian makes and starts a server of its own on port 5432 unless told before the packages arrive.
forbid_main_cluster() {
  local folder=/etc/postgresql-common/createcluster.d
  [ -e "$folder/getu.conf" ] && return
  "$@" mkdir -p "$folder"
  echo 'create_main_cluster = false' | "$@" tee "$folder/getu.conf" >/dev/null
}

hash_of() { cat "$@" | sha256sum | cut -c1-64; }

python_stamp() { hash_of requirements.lock requirements-setup.lock pyproject.toml; }
python_is_made() {
  [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null &&
    [ "$(cat .venv/getu.stamp 2>/dev/null)" = "$(python_stamp)" ]
}

# The Python parts: own environment, everything by hash; never into the system.
install_python() {
  python_is_made && return
  "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or newer is needed / 需要 Python 3.11 以上: PYTHON=python3.11 make setup"
  say "Python parts / 安装 Python 依赖"
  # An environment whose Python is gone or whose making was killed is made again.
  .venv/bin/python -c 'import pip' 2>/dev/null || "$PYTHON" -m venv --clear .venv
  rm -f .venv/getu.stamp
  .venv/bin/python -m pip install --quiet --require-hashes --requirement requirements-setup.lock
  # Compiled once here: where Python may not write beside the libraries, every start would compile them anew.
  .venv/bin/uv pip sync --quiet --compile-bytecode --python .venv/bin/python --require-hashes requirements.lock
  .venv/bin/uv pip install --quiet --python .venv/bin/python --offline --no-deps --no-build-isolation --editable .
  python_stamp >.venv/getu.stamp
}

static_stamp() { hash_of package-lock.json scripts/vendor_static.mjs; }
static_is_made() {
  [ -s app/maps/static/vendor/manifest.json ] &&
    [ "$(cat app/maps/static/vendor/.stamp 2>/dev/null)" = "$(static_stamp)" ]
}

# The browser parts, by exact version and hash; the pages then ask no other host.
install_static() {
  static_is_made && return
  say "browser parts / 安装网页部件"
  npm ci --silent --omit=dev
  node scripts/vendor_static.mjs
  static_stamp >app/maps/static/vendor/.stamp
}

# What only tests use, never shown or shipped: real village polygons, and the judge of the pages (axe). npm ci empties
# the folder, so the stamp stands only beside all the parts of this package-lock.json.
test_data_is_made() { [ "$(cat node_modules/.getu.stamp 2>/dev/null)" = "$(hash_of package-lock.json)" ]; }
install_test_data() {
  test_data_is_made && return
  say "test data / 安装测试数据"
  npm ci --silent
  hash_of package-lock.json >node_modules/.getu.stamp
}

# The inner loop of locating, compiled for this machine; without it numpy gives the same answers.
kernel_is_made() { .venv/bin/python -c 'from app.spatial.native import kernel; raise SystemExit(kernel() is None)'; }
make_kernel() { kernel_is_made 2>/dev/null || .venv/bin/python -m app.spatial.native; }

trust_system_certificates() {
  export UV_SYSTEM_CERTS=1 # behind a bank's inspecting proxy uv fails without it
  [ -s "$SYSTEM_CERTIFICATES" ] || return 0
  export PIP_CERT="${PIP_CERT:-$SYSTEM_CERTIFICATES}"
  export NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-$SYSTEM_CERTIFICATES}"
}

main() {
  case "${1:-run}" in
    list)
      list_missing "$SERVER_PART" "${RUN_PARTS[@]}" "${TEST_PARTS[@]}" | sort -u
      python_is_made || echo "Python parts"
      static_is_made || echo "browser parts"
      ;;
    run)
      ! may_install || RUN_PARTS+=("$COMPILER_PART")
      install_missing "${RUN_PARTS[@]}"
      trust_system_certificates
      install_python
      .venv/bin/python -m compileall -q app
      make_kernel
      install_static
      ;;
    test)
      install_missing "${TEST_PARTS[@]}"
      trust_system_certificates
      install_test_data
      ;;
    *) fail "usage: scripts/setup.sh run|test|list" ;;
  esac
}

main "$@"

#!/usr/bin/env bash
# Proves the two commands on a bare Debian: makes one by debootstrap, clones the last commit into it, times each step.
#
#   scripts/prove_bare.sh bookworm|trixie [step...]        (as root; steps: demo again test check setup tests/...)
#
#   CHECKOUT=/root/getu   where the clone lies inside; under a closed home it proves the data's way out
#   PERSON=bank           run as this ordinary user with sudo instead of as root
#   KEEP=1                leave the system in $BARE for a look
#
# Given are git, make and Python only. Everything runs in its own mount and process namespace, so it all ends with it.
# The last line on standard output is JSON: suite, versions and the seconds of each step.
set -euo pipefail

SUITE="${1:?usage: scripts/prove_bare.sh bookworm|trixie [step...]}"
shift
STEPS=("$@")
[ "$#" -gt 0 ] || STEPS=(demo again test)
BARE="${BARE:-/var/tmp/getu-bare-$SUITE}"
CHECKOUT="${CHECKOUT:-/opt/getu}"
PERSON="${PERSON:-root}"
PORT="${PORT:-8900}"
SOURCE="$(cd "$(dirname "$0")/.." && pwd)"

if [ -z "${GETU_PROVING:-}" ]; then
  GETU_PROVING=1 exec unshare --mount --pid --fork --kill-child "$0" "$SUITE" "${STEPS[@]}"
fi

say() { printf '%s\n' "$*" >&2; }

make_system() {
  rm -rf --one-file-system "$BARE"
  mkdir -p "$BARE" "/var/cache/getu-bare-$SUITE"
  local given=git,make,python3
  [ "$PERSON" = root ] || given+=,sudo
  debootstrap --variant=minbase --include="$given" --cache-dir="/var/cache/getu-bare-$SUITE" "$SUITE" "$BARE" >"$BARE.log" 2>&1
}

# The network and the trust of this machine, nothing else of it.
lend_machine() {
  cp /etc/resolv.conf /etc/hosts "$BARE/etc/"
  mkdir -p "$BARE/usr/local/share/ca-certificates"
  find /usr/local/share/ca-certificates -name '*.crt' -exec cp {} "$BARE/usr/local/share/ca-certificates/" \;
  mount -t proc proc "$BARE/proc"
  mount --bind /dev "$BARE/dev"
  mount -t devpts devpts "$BARE/dev/pts"
  mount -t tmpfs -o size=2g,mode=1777 tmpfs "$BARE/dev/shm"
}

clone_last_commit() {
  if [ "$PERSON" != root ]; then
    chroot "$BARE" useradd --create-home --shell /bin/bash "$PERSON"
    echo "$PERSON ALL=(ALL) NOPASSWD: ALL" >"$BARE/etc/sudoers.d/$PERSON"
  fi
  git clone --quiet --no-hardlinks "file://$SOURCE" "$BARE$CHECKOUT"
  chroot "$BARE" chown -R "$PERSON:" "$CHECKOUT"
}

inside() {
  local home=/root
  [ "$PERSON" = root ] || home="/home/$PERSON"
  chroot --userspec="$PERSON" "$BARE" env -i HOME="$home" USER="$PERSON" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    sh -c "cd '$CHECKOUT' && exec $1"
}

run_step() {
  case "$1" in
    demo | again) inside "make demo DEMO_EXIT=1 PORT=$PORT" ;;
    setup | test | check) inside "make $1" ;;
    tests/*) inside "make test TESTS=$1" ;;
    *) say "unknown step $1"; return 2 ;;
  esac
}

main() {
  local start seconds="" step
  mount --make-rprivate /
  start=$SECONDS
  make_system
  say "bare $SUITE: $((SECONDS - start)) s"
  lend_machine
  clone_last_commit
  for step in "${STEPS[@]}"; do
    start=$SECONDS
    run_step "$step" >&2
    seconds+="${seconds:+, }\"$step\": $((SECONDS - start))"
    say "$step: $((SECONDS - start)) s"
  done
  printf '{"suite": "%s", "python": "%s", "commit": "%s", "cores": %s, "seconds": {%s}}\n' "$SUITE" \
    "$(inside 'python3 --version' | cut -d' ' -f2)" "$(git -C "$SOURCE" rev-parse --short HEAD)" "$(nproc)" "$seconds"
}

finish() {
  umount --lazy "$BARE/dev/shm" "$BARE/dev/pts" "$BARE/dev" "$BARE/proc" 2>/dev/null || true
  [ -n "${KEEP:-}" ] || rm -rf --one-file-system "$BARE" "$BARE.log"
}
trap finish EXIT

main

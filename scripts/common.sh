# Shared by the scripts of this folder; to be sourced. Words for people are Russian, comments English.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C.UTF-8
# Some environments forbid Python to keep what it has compiled; the tests start hundreds of processes, and each of them
# would compile Django and us anew: more than half of its start.
unset PYTHONDONTWRITEBYTECODE
STAMPS=build/stamps

say() { printf '%s\n' "$*"; }
fail() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

# digest FILE… : one checksum over names and contents.
digest() {
  if command -v sha256sum >/dev/null; then sha256sum "$@" | sha256sum | cut -d' ' -f1; else shasum -a 256 "$@" | shasum -a 256 | cut -d' ' -f1; fi
}

# fresh NAME DIGEST : whether the step was done with the same inputs.
fresh() { [[ -f "$STAMPS/$1" && "$(<"$STAMPS/$1")" == "$2" ]]; }
stamp() {
  mkdir -p "$STAMPS"
  printf '%s' "$2" >"$STAMPS/$1"
}

can_apt() { [[ "$(id -u)" == 0 ]] && command -v apt-get >/dev/null; }

# apt_install PACKAGE… : quiet; its words are shown only when it fails.
apt_install() {
  mkdir -p build
  if ! { DEBIAN_FRONTEND=noninteractive apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"; } >build/apt.log 2>&1; then
    tail -n 20 build/apt.log >&2
    return 1
  fi
}

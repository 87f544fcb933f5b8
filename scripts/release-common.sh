# Shared by release-check and release-measure; to be sourced after common.sh. Fresh Debians without network, and releases
# that changed copies of this commit play.
MADE=${MADE:-$PWD/build/release-check}
SUITE=${SUITE:-bookworm}
VERSION=$(.venv/bin/python -c 'import provodnik; print(provodnik.__version__)')
FIX_VERSION=$VERSION.1
NEXT_VERSION=${VERSION%%.*}.$((10#$(cut -d. -f2 <<<"$VERSION") + 1))

[[ "$(id -u)" == 0 ]] || fail "Проверке установки нужен root: она делает чистый Debian и входит в него."
for program in debootstrap unshare ip; do
  command -v "$program" >/dev/null || fail "Нет программы $program: apt install debootstrap util-linux iproute2"
done

# The base system is made once and kept; each test begins with a copy of it.
base() {
  local archive=$MADE/debian-$SUITE.tar mirror root
  mkdir -p "$MADE"
  if [[ -f $archive ]]; then return; fi
  mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v suite="$SUITE" '$1 == suite && $2 == "main" { print $3; exit }')
  [[ -n $mirror ]] || fail "apt этой машины не знает, где взять $SUITE (main)."
  say "Делаем чистый Debian ($SUITE), один раз"
  root=$(mktemp -d)
  debootstrap --variant=minbase --include=python3,openssl "$SUITE" "$root" "$mirror" >"$MADE/debootstrap.log" 2>&1 ||
    { tail -n 20 "$MADE/debootstrap.log" >&2; fail "debootstrap не справился."; }
  chmod 755 "$root"
  tar -C "$root" -cf "$archive.partial" .
  mv "$archive.partial" "$archive"
  rm -rf "$root"
}

# inside FOLDER COMMAND… : in that system, with no network but the loopback and nothing of this machine.
inside() {
  local root=$1
  shift
  unshare --net --mount --pid --ipc --fork --kill-child -- bash -c '
    set -e
    ip link set lo up
    mount -t proc proc "$0/proc"
    mount -t tmpfs tmpfs "$0/dev/shm"
    exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
      chroot "$0" "$@"' "$root" "$@"
}

MONTHS=(января февраля марта апреля мая июня июля августа сентября октября ноября декабря)
TODAY="$(date +%-d) ${MONTHS[$(date +%-m) - 1]} $(date +%Y) г."

# played KEY NUMBER : the distributive of a release after this one: this commit with that number and changes of the database
# of the kinds that releases carry. A fix's only add (docs/release.md).
played() {
  local key=$1 number=$2 copy=$MADE/next
  rm -rf "$copy"
  git clone -q . "$copy"
  for made in .venv node_modules; do ln -s "$PWD/$made" "$copy/$made"; done
  cp -r provodnik/ui/static/built "$copy/provodnik/ui/static/"
  (
    cd "$copy"
    commit() { git add -A && git -c user.name=check -c user.email=check@example.invalid commit -qm "$1"; }
    .venv/bin/python scripts/messages.py compile
    sed -i "s/ — готовится$/ — $TODAY/" CHANGELOG.md
    commit "The day of this one"
    if [[ $number == *.*.* ]]; then
      .venv/bin/python -m release declare >/dev/null
      commit "This one is declared"
    fi
    sed -i "s/^__version__ = .*/__version__ = \"$number\"/" provodnik/__init__.py
    sed -i "0,/^## /s//## $number — $TODAY\n\n### Перед обновлением\nНичего.\n\n### Что нового\n* Номер.\n\n## /" CHANGELOG.md
    last=$(basename "$(ls provodnik/desk/migrations/0*.py | tail -n 1)" .py)
    cp release/chroot/changes/fix_*.py provodnik/desk/migrations/
    [[ $number == *.*.* ]] || cp release/chroot/changes/next_*.py provodnik/desk/migrations/
    sed -i "s/@LAST@/$last/" provodnik/desk/migrations/fix_1_column.py
    commit "Release $number"
    .venv/bin/python -m release build --with-postgres --out "$MADE" --key "$key"
  )
}

# the_release KEY : this commit's own distributive, signed by KEY, which is made anew.
the_release() {
  rm -f "$1" "${1%.pem}.pub"
  .venv/bin/python -m release key "$1"
  .venv/bin/python -m release build --with-postgres --key "$1" --out "$MADE" ${RELEASE:-}
}

#!/bin/sh
# Ставит эту версию рядом с тем, что уже есть, без сети. Ничего не запускает и ничего работающего не переключает.
#
#   ./install.sh                 от имени root: учётная запись provodnik, папка выпуска, службы
#   ./install.sh --release-only  только папка выпуска (ею пользуется provodnik upgrade)
#   ./install.sh --no-units      без служб и команды: их ставит пакет Debian
#   PREFIX=/tmp/проба ./install.sh   всё то же под чужим корнем, без учётной записи и без root
#   PYTHON=/путь/python3 ./install.sh
set -eu
umask 022

HERE=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
PREFIX=${PREFIX:-}
OPT=$PREFIX/opt/provodnik
ETC=$PREFIX/etc/provodnik
STATE=$PREFIX/var/lib/provodnik
BACKUPS=$PREFIX/var/backups/provodnik
UNITS=$PREFIX/etc/systemd/system
PROGRAM=$PREFIX/usr/local/bin/provodnik
ACCOUNT=provodnik
WHOLE=1 SERVICES=1

say() { printf '%s\n' "$*"; }
fail() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

for option in "$@"; do
  case $option in
  --release-only) WHOLE=0 ;;
  --no-units) SERVICES=0 ;;
  *) fail "Непонятный параметр: $option. Что бывает, сказано в начале этого файла." ;;
  esac
done

ours() { [ -z "$PREFIX" ] && [ "$(id -u)" = 0 ]; }
if [ -z "$PREFIX" ] && [ "$WHOLE" = 1 ] && [ "$(id -u)" != 0 ]; then
  fail "Установку ведёт root: sudo ./install.sh"
fi

# --- Python, для которого здесь есть пакеты -------------------------------------------------------------------------
suits() {
  "$1" -I - "$HERE/release.json" 2>/dev/null <<'PYTHON'
import json, platform, sys, sysconfig
import ssl, venv, zlib  # чего нет в python3-minimal
release = json.load(open(sys.argv[1], encoding="utf-8"))
here = "%d.%d" % sys.version_info[:2]
fits = sysconfig.get_platform().replace("-", "_") == release["platform"]
sys.exit(not (here in release["python"] and fits))
PYTHON
}
PY=
for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14; do
  if command -v "$candidate" >/dev/null 2>&1 && suits "$candidate"; then
    PY=$(command -v "$candidate")
    break
  fi
done
[ -n "$PY" ] || fail "Нужен Python одной из версий: $(sed -n '/"python"/,/]/s/.*"\([0-9.]*\)".*/\1/p' "$HERE/release.json" | tr '\n' ' ')
на x86_64. Debian 12 и Astra Linux 1.8: apt install python3 (он есть на установочных дисках)."

# --- Тот ли это дистрибутив -----------------------------------------------------------------------------------------
check_files() {
  "$PY" -I - "$HERE" <<'PYTHON'
import hashlib, json, sys
from pathlib import Path

here = Path(sys.argv[1])
files = json.loads((here / "release.json").read_text(encoding="utf-8"))["files"]
for path, told in files.items():
    place = here / path
    if not place.is_file() or place.is_symlink():
        sys.exit(f"Не хватает файла: {path}")
    if hashlib.sha256(place.read_bytes()).hexdigest() != told["sha256"]:
        sys.exit(f"Файл не тот, что был собран: {path}")
known = {here / path for path in files} | {here / "release.json", here / "release.json.sig"}
strange = sorted(str(path) for path in here.rglob("*") if path.is_file() and path not in known)
if strange:
    sys.exit(f"Лишний файл: {strange[0]}")
PYTHON
}
check_files || fail "Дистрибутив повреждён: распакуйте его заново."

signed_by() {
  base64 -d "$HERE/release.json.sig" >"$WORK/sig" 2>/dev/null &&
    openssl pkeyutl -verify -pubin -inkey "$1" -rawin -in "$HERE/release.json" -sigfile "$WORK/sig" >/dev/null 2>&1
}
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
if [ ! -f "$HERE/release.json.sig" ]; then
  say "ВНИМАНИЕ: дистрибутив не подписан. Такой собирают только для проб."
elif ! command -v openssl >/dev/null 2>&1; then
  say "Подпись не проверена: нет openssl. Суммы файлов верны."
else
  BELIEVED=
  for key in "$ETC"/release-keys/*.pub; do
    [ -f "$key" ] && BELIEVED=1
    [ -f "$key" ] && signed_by "$key" && BELIEVED=yes && break
  done
  case $BELIEVED in
  yes) say "Подпись верна." ;;
  1) fail "Дистрибутив подписан не тем ключом, которому здесь верят ($ETC/release-keys)." ;;
  *)
    signed_by "$HERE/release.pub" || fail "Подпись дистрибутива неверна."
    say "Подпись сходится с ключом из дистрибутива. Сверьте отпечаток ключа с тем, что назвал поставщик:"
    say "  $(openssl pkey -pubin -in "$HERE/release.pub" -outform DER | sha256sum | cut -d' ' -f1)"
    ;;
  esac
fi

VERSION=$("$PY" -I -c 'import json, sys; print(json.load(open(sys.argv[1], encoding="utf-8"))["version"])' "$HERE/release.json")
RELEASE=$OPT/releases/$VERSION
PARTIAL=$OPT/releases/.$VERSION.partial

# --- Место ----------------------------------------------------------------------------------------------------------
mkdir -p "$OPT/releases"
NEEDED=$(($(du -sk "$HERE" | cut -f1) * 5))
FREE=$(df -Pk "$OPT" | awk 'NR == 2 { print $4 }')
[ "$FREE" -ge "$NEEDED" ] || fail "Мало места в $OPT: нужно $((NEEDED / 1024)) МБ, свободно $((FREE / 1024)) МБ."

# --- Папка выпуска: появляется целиком или никак --------------------------------------------------------------------
make_release() {
  say "Ставим $VERSION в $RELEASE ($("$PY" -V))"
  rm -rf "$PARTIAL"
  "$PY" -I -m venv --without-pip --symlinks "$PARTIAL"
  set -- "$HERE"/wheels/pip-*.whl
  PIP_CONFIG_FILE=/dev/null "$PARTIAL/bin/python" -I "$1/pip" install --isolated --no-index \
    --find-links "$HERE/wheels" --require-hashes --no-deps --no-cache-dir --disable-pip-version-check \
    --no-warn-script-location --root-user-action=ignore --quiet -r "$HERE/requirements.txt"
  # Программы пакетов помнят полный путь к папке, а она ещё переименуется. Нужна одна, и она его не помнит.
  for tool in "$PARTIAL"/bin/*; do
    case ${tool##*/} in python*) ;; *) rm -rf "$tool" ;; esac
  done
  cat >"$PARTIAL/bin/provodnik" <<'PROGRAM'
#!/bin/sh
PYTHONSAFEPATH=1
export PYTHONSAFEPATH
exec "$(dirname -- "$(readlink -f -- "$0")")/python" -m provodnik "$@"
PROGRAM
  chmod 755 "$PARTIAL/bin/provodnik"
  mkdir -p "$PARTIAL/share/provodnik"
  (cd "$HERE" && tar -cf - --exclude=./wheels .) | (cd "$PARTIAL/share/provodnik" && tar -xf - --no-same-owner)
  PROVODNIK_ENV_FILE='' "$PARTIAL/bin/provodnik" version >/dev/null || fail "Поставленное не запускается."
  [ -n "$PREFIX" ] || sync -f "$PARTIAL"
  mv -T "$PARTIAL" "$RELEASE"
}
if [ -d "$RELEASE" ]; then
  say "Выпуск $VERSION уже стоит в $RELEASE."
else
  make_release
fi
[ "$WHOLE" = 1 ] || exit 0

# --- Учётная запись и папки -----------------------------------------------------------------------------------------
if ours && ! getent passwd "$ACCOUNT" >/dev/null; then
  say "Заводим учётную запись $ACCOUNT"
  useradd --system --user-group --home-dir "$STATE" --no-create-home --shell /usr/sbin/nologin "$ACCOUNT"
fi
# Пакет для поддержки читает журнал служб.
if ours && getent group systemd-journal >/dev/null; then usermod -aG systemd-journal "$ACCOUNT"; fi
folder() { # folder ПУТЬ ПРАВА: своя папка учётной записи; у имеющейся ничего не меняется
  [ -d "$1" ] && return
  mkdir -p "$1"
  chmod "$2" "$1"
  if ours; then chown "$ACCOUNT:$ACCOUNT" "$1"; fi
}
folder "$STATE" 750
folder "$BACKUPS" 750
mkdir -p "$ETC/release-keys"
if [ -f "$HERE/release.pub" ] && ! ls "$ETC"/release-keys/*.pub >/dev/null 2>&1; then
  install -m 644 "$HERE/release.pub" "$ETC/release-keys/vendor.pub"
fi
if [ ! -e "$ETC/provodnik.env" ]; then
  sed "s#=/var#=$PREFIX/var#" "$HERE/provodnik.env" >"$ETC/provodnik.env"
  chmod 640 "$ETC/provodnik.env"
fi
if ours; then chgrp "$ACCOUNT" "$ETC/provodnik.env"; fi

# --- Службы и команда -----------------------------------------------------------------------------------------------
if [ "$SERVICES" = 1 ]; then
  mkdir -p "$UNITS" "$(dirname "$PROGRAM")"
  cp -R "$HERE"/systemd/. "$UNITS/"
  sed "s#^ROOT=.*#ROOT='$PREFIX'#" "$HERE/provodnik.sh" >"$PROGRAM"
  chmod 755 "$PROGRAM"
  if ours && [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
fi

# --- Что работает, то и работает дальше (регламент, R3) -------------------------------------------------------------
if [ -e "$OPT/current" ] && [ "$(readlink "$OPT/current")" != "releases/$VERSION" ]; then
  say ""
  say "Сейчас работает $(basename "$(readlink "$OPT/current")"), и его никто не трогал."
  say "Перейти на $VERSION: provodnik upgrade ФАЙЛ-ДИСТРИБУТИВА"
  exit 0
fi
if [ ! -e "$OPT/current" ]; then
  ln -s "releases/$VERSION" "$OPT/.current"
  mv -T "$OPT/.current" "$OPT/current"
fi
say ""
say "Готово: $VERSION стоит, ничего не запущено. Дальше: provodnik setup"

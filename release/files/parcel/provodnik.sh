#!/bin/sh
# Команда provodnik. Программа работает от имени своей учётной записи; root остаётся собой там, где без него никак.
ROOT=''
: "${PROVODNIK_ENV_FILE:=$ROOT/etc/provodnik/provodnik.env}"
export PROVODNIK_ENV_FILE
program=$ROOT/opt/provodnik/current/bin/provodnik
if [ "$(id -u)" = 0 ] && getent passwd provodnik >/dev/null; then
  case ${1:-help} in
  setup | upgrade | rollback | restore | help | version | --help | -h | --version) ;;
  *)
    # из папки, куда учётной записи нет хода (/root), программа не вернулась бы и не записала бы ничего
    if ! runuser -u provodnik -- sh -c 'cd -- "$1"' sh "$PWD" 2>/dev/null; then
      cd "$ROOT/var/lib/provodnik" || cd /
      echo "Сюда программе хода нет: работаем в папке $PWD" >&2
    fi
    exec runuser -u provodnik -- "$program" "$@"
    ;;
  esac
fi
exec "$program" "$@"

#!/bin/sh
# Команда provodnik. Программа работает от имени своей учётной записи; root остаётся собой там, где без него никак.
ROOT=''
: "${PROVODNIK_ENV_FILE:=$ROOT/etc/provodnik/provodnik.env}"
export PROVODNIK_ENV_FILE
program=$ROOT/opt/provodnik/current/bin/provodnik
if [ "$(id -u)" = 0 ] && getent passwd provodnik >/dev/null; then
  case ${1:-help} in
  setup | upgrade | rollback | restore | help | version | --help | -h | --version) ;;
  *) exec runuser -u provodnik -- "$program" "$@" ;;
  esac
fi
exec "$program" "$@"

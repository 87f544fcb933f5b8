# Inside a fresh Debian without network: how long people wait for a fix and for a release, and what a backup costs.
# Arguments: version, file, the fix's file and version, the next file and version. REQUESTS, MEBIBYTES: how much is there.
set -o pipefail
VERSION=$1 FILE=$2 FIX=$3 FIX_VERSION=$4 NEXT=$5 NEXT_VERSION=$6
shell() { PYTHONPATH=/srv provodnik manage shell -c "import sys; sys.path.insert(0, '/srv')
$1"; }

tar -xzf "$FILE" -C /root
"/root/provodnik-$VERSION/install.sh" >/dev/null
provodnik setup --yes ADMIN_LOGIN=admin ADMIN_NAME='Администратор' ADMIN_PASSWORD="$(cat /root/password)" >/dev/null
install -m 755 /root/systemctl /usr/bin/systemctl
mkdir -p /run/systemd/system # from here on this Debian says that systemd runs
systemctl start provodnik-database
shell "import fill; fill.requests($REQUESTS)"
systemctl start provodnik-web provodnik-worker
python3 /root/sign_in.py admin /root/password

# watched WORDS COMMAND… : people's view of what the command does.
watched() {
  local words=$1 started=$SECONDS
  shift
  rm -f /root/enough
  python3 /root/observe.py /root/enough /root/seen &
  local observer=$!
  sleep 2
  "$@" 2>&1 | python3 -u /root/stamped.py
  python3 /root/sign_in.py admin /root/password # it waits for the portal
  touch /root/enough
  wait "$observer"
  echo "=== $words: $((SECONDS - started - 2)) s in all; what answered:"
  cat /root/seen
}
watched "a fix, $FIX_VERSION" provodnik upgrade "$FIX"
watched "back from the fix" provodnik rollback --yes
watched "a release, $NEXT_VERSION" provodnik upgrade "$NEXT"
watched "back from the release" provodnik rollback --yes
provodnik version | grep -qx "PROводник $VERSION"
cat /run/played-units/log

shell "import fill; fill.files($MEBIBYTES)"
rm -rf /var/backups/provodnik/before-upgrade
python3 /root/timed.py "backup with its reading back" provodnik backup
made=$(find /var/backups/provodnik -maxdepth 1 -name 'provodnik-backup-*')
du -m "$made"
mkdir -m 750 /var/lib/other && chown provodnik:provodnik /var/lib/other
cp -p /var/lib/provodnik/secret.key /var/lib/other/
python3 /root/timed.py "restore into another data folder" provodnik restore "$made" --data-dir /var/lib/other
(cd /var/lib/provodnik/files && find . -type f -print0 | sort -z | xargs -0 sha256sum) | sha256sum >/root/these
(cd /var/lib/other/files && find . -type f -print0 | sort -z | xargs -0 sha256sum) | sha256sum >/root/those
cmp /root/these /root/those
echo "=== all files are the same by their sums"
systemctl stop provodnik-web provodnik-worker provodnik-database

# Inside a fresh Debian without network: a release, the next one, and back again. Arguments: version, file, the next file, its version.
VERSION=$1 FILE=$2 NEXT=$3 NEXT_VERSION=$4
tar -xzf "$FILE" -C /root
"/root/provodnik-$VERSION/install.sh"
provodnik setup --yes ADMIN_LOGIN=admin ADMIN_NAME='Администратор' ADMIN_PASSWORD="$(cat /root/password)"

# No systemd in a chroot: what the units would do.
cat >/root/stop.sh <<'END'
PID=$(cat /root/running) || exit 0
kill -TERM "$PID" 2>/dev/null || exit 0
while kill -0 "$PID" 2>/dev/null; do sleep 0.2; done
END
cat >/root/start.sh <<'END'
bash /root/stop.sh
PROVODNIK_ENV_FILE=/etc/provodnik/provodnik.env setsid setpriv --reuid provodnik --regid provodnik --init-groups \
  /opt/provodnik/current/bin/provodnik start >/root/provodnik.log 2>&1 </dev/null &
echo $! >/root/running
END
COMMANDS=(--stop-command "bash /root/stop.sh" --restart-command "bash /root/start.sh")

# runs VERSION : that release is current, people get in, doctor finds nothing.
runs() {
  [ "$(readlink /opt/provodnik/current)" = "releases/$1" ]
  provodnik version | grep -qx "PROводник $1"
  python3 /root/sign_in.py admin /root/password
  provodnik doctor
}

bash /root/start.sh
runs "$VERSION"
cp /root/next.tar.gz "$NEXT"
printf 'x' | dd of="$NEXT" bs=1 seek=5000000 conv=notrunc status=none
if provodnik upgrade "$NEXT" "${COMMANDS[@]}"; then exit 1; fi # one byte is another: refused, nothing done
runs "$VERSION"
cp /root/next.tar.gz "$NEXT"
provodnik upgrade "$NEXT" --check
provodnik upgrade "$NEXT" "${COMMANDS[@]}"
runs "$NEXT_VERSION"
provodnik rollback --yes "${COMMANDS[@]}"
runs "$VERSION"
bash /root/stop.sh

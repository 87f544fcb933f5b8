# What both ways have in common: setup without questions, start, sign in, stop.
provodnik setup --yes ADMIN_LOGIN=admin ADMIN_NAME='Администратор' ADMIN_PASSWORD="$(cat /root/password)"
PROVODNIK_ENV_FILE=/etc/provodnik/provodnik.env setpriv --reuid provodnik --regid provodnik --init-groups \
  /opt/provodnik/current/bin/provodnik start &
python3 /root/sign_in.py admin /root/password
provodnik doctor
provodnik backup
[ -n "$(find /var/backups/provodnik -name "provodnik-backup-*" -user provodnik -size +0)" ]
# from root's home, which the program's account may not enter
cd /root
provodnik support-bundle --yes
[ -n "$(find /var/lib/provodnik -maxdepth 1 -name "provodnik-support-*.zip" -user provodnik)" ]
provodnik manual --to manuals
[ -n "$(find /var/lib/provodnik/manuals -name "*.pdf")" ]
kill -TERM $!
wait $!

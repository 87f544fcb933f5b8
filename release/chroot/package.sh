# Inside a fresh Debian without network: the package, setup, start, sign-in; removal leaves the data. Arguments: version, file.
VERSION=$1 FILE=$2
groupadd --system systemd-journal
dpkg --install "$FILE"
id -nG provodnik | grep -qw systemd-journal
[ "$(stat -c '%U:%G %a' /etc/provodnik/provodnik.env)" = "root:provodnik 640" ]
[ "$(readlink /opt/provodnik/current)" = "releases/$VERSION" ]
. /root/first_start.sh
# A later package changes nothing of what runs: the file is put down, the rest is the administrator's.
ln -sfn releases/0.9 /opt/provodnik/current
dpkg --install "$FILE" | grep 'provodnik upgrade'
[ "$(readlink /opt/provodnik/current)" = releases/0.9 ]
dpkg --purge provodnik
[ ! -e /opt/provodnik ] && [ ! -e /etc/provodnik ]
[ -s /var/lib/provodnik/secret.key ]

# Inside a fresh Debian without network: unpack → install → setup → start → first sign-in. Arguments: version, file.
VERSION=$1 FILE=$2
if command -v pip pip3 gcc psql; then exit 1; fi # nothing that an administrator would not have
groupadd --system systemd-journal # which systemd brings
tar -xzf "$FILE" -C /root
"/root/provodnik-$VERSION/install.sh"
[ "$(stat -c '%U:%G %a' /etc/provodnik/provodnik.env)" = "root:provodnik 640" ]
[ "$(stat -c '%U:%G %a' /var/lib/provodnik)" = "provodnik:provodnik 750" ]
[ -z "$(find /opt/provodnik ! -user root -o -perm /022 ! -type l)" ] # the service cannot change its own program
id -nG provodnik | grep -qw systemd-journal # support-bundle reads the services' log
. /root/first_start.sh

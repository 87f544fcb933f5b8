"""A real directory: Debian's slapd (OpenLDAP) with a configuration and people of our own in a temporary folder.

The attributes of Active Directory that we read (objectGUID, userAccountControl) have a schema of ours here: what an
Active Directory would tell, told by a server that can be started.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from pathlib import Path

import pytest
from ldap3 import MODIFY_REPLACE, NONE, Connection, Server

from .certificates import Certificates
from .ports import free_port, wait_for_port

BASE = "dc=utility,dc=example"
PASSWORD = "sesame"
SERVICE, SERVICE_PASSWORD = f"cn=portal,{BASE}", "searching"
PATH = os.environ.get("PATH", "") + ":/usr/sbin"

CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID' EQUALITY octetStringMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( 1.2.840.113556.1.5.9999 NAME 'adPerson' SUP top AUXILIARY MAY ( objectGUID $ userAccountControl ) )
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {folder}/slapd.pid
allow bind_anon_cred bind_anon_dn
sizelimit 500
{tls}
database mdb
maxsize 10485760
suffix "{base}"
rootdn "cn=root,{base}"
rootpw {password}
directory {folder}/db
dbnosync
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{service}" read by * none
"""


def entry(dn: str, **attributes: str | list[str]) -> str:
    """LDIF. A value that begins with a colon is base64 already."""
    lines = [f"dn: {dn}"]
    for name, told in attributes.items():
        for value in [told] if isinstance(told, str) else told:
            lines.append(f"{name}:{value}" if value.startswith(":") else f"{name}: {value}")
    return "\n".join(lines) + "\n\n"


def person(uid: str, name: str, *, number: str = "", guid: uuid.UUID | None = None, control: int | None = None) -> str:
    more: dict[str, str | list[str]] = {"employeeNumber": number} if number else {}
    classes = ["inetOrgPerson", "adPerson"]
    if control is not None:
        more["userAccountControl"] = str(control)
    return entry(
        f"uid={uid},ou=people,{BASE}",
        objectClass=classes,
        uid=uid,
        cn=name,
        sn=name.split()[0],
        mail=f"{uid}@utility.example",
        telephoneNumber="21-15",
        userPassword=PASSWORD,
        entryUUID=str(guid or uuid.uuid5(uuid.NAMESPACE_DNS, uid)),
        **more,
    )


PEOPLE = (
    entry(BASE, objectClass=["dcObject", "organization"], dc="utility", o="Utility")
    + entry(
        SERVICE, objectClass=["applicationProcess", "simpleSecurityObject"], cn="portal", userPassword=SERVICE_PASSWORD
    )
    + entry(f"ou=people,{BASE}", objectClass="organizationalUnit", ou="people")
    + entry(f"ou=groups,{BASE}", objectClass="organizationalUnit", ou="groups")
    + person("petrova", "Petrova Anna", number="00712")
    + person("ivanov", "Ivanov Ivan", control=512)
    + person("sidorov", "Sidorov Off", control=514)
    + person("lead", "Lead Olga", number="9001")
    + entry(
        f"cn=helpdesk,ou=groups,{BASE}",
        objectClass="groupOfNames",
        cn="helpdesk",
        member=[f"uid=ivanov,ou=people,{BASE}"],
    )
)


class Slapd:
    """`port` speaks LDAP (and StartTLS), `tls_port` LDAP over TLS, when made with certificates."""

    def __init__(self, certificates: Certificates | None = None) -> None:
        if shutil.which("slapd", path=PATH) is None:
            if os.environ.get("CI"):
                raise RuntimeError("slapd is not installed: apt-get install slapd")
            pytest.skip("slapd is not installed (apt-get install slapd)")
        self.folder = Path(tempfile.mkdtemp(prefix="slapd-"))
        (self.folder / "db").mkdir()
        self.port, self.tls_port = free_port(), free_port() if certificates else 0
        tls = ""
        if certificates:
            tls = f"TLSCertificateFile {certificates.certificate}\nTLSCertificateKeyFile {certificates.key}\n"
            tls += f"TLSCACertificateFile {certificates.ca}\nTLSVerifyClient never"
        config = CONFIG.format(folder=self.folder, base=BASE, password=PASSWORD, service=SERVICE, tls=tls)
        (self.folder / "slapd.conf").write_text(config)
        (self.folder / "people.ldif").write_text(PEOPLE)
        self._process: subprocess.Popen[bytes] | None = None
        self._changed = False
        self._fill()

    def _fill(self) -> None:
        shutil.rmtree(self.folder / "db")
        (self.folder / "db").mkdir()
        self._run("slapadd", "-q", "-l", str(self.folder / "people.ldif"))

    def _run(self, program: str, *arguments: str) -> None:
        command = [shutil.which(program, path=PATH) or program, "-f", str(self.folder / "slapd.conf"), *arguments]
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode(errors="replace")

    def start(self) -> "Slapd":
        addresses = f"ldap://127.0.0.1:{self.port}"
        if self.tls_port:
            addresses += f" ldaps://127.0.0.1:{self.tls_port}"
        program = shutil.which("slapd", path=PATH) or "slapd"
        self._process = subprocess.Popen(
            [program, "-d", "0", "-h", addresses, "-f", str(self.folder / "slapd.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_for_port(self.port)
        return self

    def start_anew(self) -> "Slapd":
        """Running, and with its people as they were in the beginning."""
        if self._changed or self._process is None:
            self.stop()
            self._fill()
            self._changed = False
            self.start()
        return self

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def replace(self, uid: str, **attributes: str) -> None:
        """By the directory's own administrator."""
        with self._administrator() as connection:
            changes = {name: [(MODIFY_REPLACE, [value])] for name, value in attributes.items()}
            assert connection.modify(f"uid={uid},ou=people,{BASE}", changes), connection.result

    def rename(self, uid: str, new: str) -> None:
        with self._administrator() as connection:
            assert connection.modify_dn(f"uid={uid},ou=people,{BASE}", f"uid={new}"), connection.result

    def set_members(self, group: str, uids: list[str]) -> None:
        with self._administrator() as connection:
            members = [f"uid={uid},ou=people,{BASE}" for uid in uids]
            changes = {"member": [(MODIFY_REPLACE, members)]}
            assert connection.modify(f"cn={group},ou=groups,{BASE}", changes), connection.result

    def _administrator(self) -> Connection:
        self._changed = True
        return Connection(
            Server("127.0.0.1", port=self.port, get_info=NONE), f"cn=root,{BASE}", PASSWORD, auto_bind=True
        )

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

"""A row of a directory → how the client reaches it. Pure but for the row."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from provodnik.core.decisions import Refused
from provodnik.federation.ldap.client import Address, Setup
from provodnik.federation.models import Directory
from provodnik.federation.states import Security

MOST_SERVERS = 5
FIELDS = {"email_attribute": "work_email", "phone_attribute": "work_phone", "room_attribute": "room"}


def read_servers(text: str, security: str) -> list[Address]:
    """«dc1.corp.example» or «dc1.corp.example:3269», one a line. Raises Refused."""
    found: list[Address] = []
    for line in text.split():
        host, colon, port = line.rpartition(":") if line.count(":") == 1 else (line, "", "")
        host = host.strip("[]")
        number = int(port) if port.isdecimal() and len(port) < 6 else 0
        if not colon:
            number = 636 if security == Security.TLS else 389
        if not host or "/" in host or not 0 < number < 65536 or len(host) > 253:
            raise Refused(_("Write a server as a name or a name with a port, one a line."), "servers")
        found.append(Address(host.lower(), number))
    if not 0 < len(found) <= MOST_SERVERS:
        raise Refused(_("Write from one to five servers."), "servers")
    return found


def setup_of(row: Directory) -> Setup:
    """Raises Unreadable when the password was kept under another secret key, Refused."""
    return Setup(
        servers=read_servers(row.servers, row.security),
        security=Security(row.security),
        base=row.base,
        narrow=row.narrow,
        logins=row.logins,
        ca=row.ca,
        bind_dn=row.bind_dn,
        bind_password=row.bind_password,
        wanted=(row.name_attribute, row.number_attribute, row.email_attribute, row.phone_attribute, row.room_attribute),
        is_active_directory=row.kind == "ad",
    )


def said_of(row: Directory, values: dict[str, str]) -> dict[str, str]:
    """What the directory says of a person for the cards of people: {field of Person: value}."""
    return {
        field: values.get(getattr(row, attribute), "") for attribute, field in FIELDS.items() if getattr(row, attribute)
    }

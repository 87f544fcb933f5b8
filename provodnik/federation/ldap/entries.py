"""What an entry of a directory says of a person. Pure: attributes as they came, bytes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

Attributes = Mapping[str, Sequence[bytes]]

OBJECT_GUID, ENTRY_UUID = "objectguid", "entryuuid"  # Active Directory; RFC 4530
# What says that an account is shut: Active Directory, OpenLDAP's ppolicy, 389 Directory Server and FreeIPA.
SHUT = ("useraccountcontrol", "accountexpires", "pwdaccountlockedtime", "nsaccountlock")
ALWAYS = ("objectGUID", "entryUUID", "userAccountControl", "accountExpires", "pwdAccountLockedTime", "nsAccountLock")
LONGEST = 300
_ACCOUNT_DISABLE = 0x2  # MS-ADTS 2.2.16
_NEVER = (0, 0x7FFFFFFFFFFFFFFF)
_FILETIME = datetime(1601, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """A person of a directory. `subject`: what stays his when he is renamed or moved; `dn`: where he is now."""

    dn: str
    subject: str
    values: Mapping[str, str]
    is_shut: bool


def lowered(attributes: Attributes) -> dict[str, Sequence[bytes]]:
    return {name.lower().split(";")[0]: values for name, values in attributes.items()}


def subject_of(attributes: Attributes) -> str:
    """objectGUID or entryUUID as the text of a UUID; "" where there is neither: such an entry opens nothing."""
    guid, told = attributes.get(OBJECT_GUID), attributes.get(ENTRY_UUID)
    try:
        if guid and len(guid) == 1 and len(guid[0]) == 16:
            return str(uuid.UUID(bytes_le=bytes(guid[0])))
        if told and len(told) == 1:
            return str(uuid.UUID(told[0].decode("ascii")))
    except (ValueError, UnicodeDecodeError):
        pass
    return ""


def subject_bytes(subject: str, *, active_directory: bool) -> bytes:
    """As a search asks for it."""
    one = uuid.UUID(subject)
    return one.bytes_le if active_directory else str(one).encode()


def _first(attributes: Attributes, name: str) -> str:
    values = attributes.get(name.lower()) or ()
    return bytes(values[0]).decode("utf-8", "replace")[:LONGEST].strip() if values else ""


def _number(text: str) -> int:
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 20 else 0


def is_shut(attributes: Attributes, *, now: datetime) -> bool:
    """Whether the directory has disabled the account. A right password does not open it (CVE-2020-1778 of OTRS)."""
    if _number(_first(attributes, "userAccountControl")) & _ACCOUNT_DISABLE:
        return True
    expires = _number(_first(attributes, "accountExpires"))
    if expires not in _NEVER and expires > 0:
        try:
            if _FILETIME + timedelta(microseconds=expires // 10) <= now:
                return True
        except OverflowError:
            pass
    if _first(attributes, "nsAccountLock").lower() == "true":
        return True
    return _first(attributes, "pwdAccountLockedTime").startswith("000001010000")  # locked until an administrator says


def read(dn: str, attributes: Attributes, wanted: Sequence[str], *, now: datetime) -> Found:
    low = lowered(attributes)
    return Found(dn, subject_of(low), {name: _first(low, name) for name in wanted if name}, is_shut(low, now=now))

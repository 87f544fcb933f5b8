"""From a mailbox, as an administrator keeps it, to the accounts that IMAP and SMTP connect with."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings

from provodnik.channels.email.account import Security
from provodnik.channels.email.imap_letters import ImapAccount
from provodnik.channels.email.smtp import SmtpAccount
from provodnik.channels.models import Mailbox

# A mail server may keep a worker this long in one exchange (safety F30, F31); a large letter gets more by its size.
SILENCE = 30.0
EXCHANGE = 120.0


def _common(mailbox: Mailbox, direction: str) -> dict[str, Any]:
    return {
        "host": getattr(mailbox, f"{direction}_host"),
        "port": getattr(mailbox, f"{direction}_port"),
        "security": cast(Security, getattr(mailbox, f"{direction}_security")),
        "username": getattr(mailbox, f"{direction}_username"),
        "password": getattr(mailbox, f"{direction}_password"),
        "ca_file": str(settings.CA_FILE) if settings.CA_FILE else None,
        "timeout": SILENCE,
        "exchange_timeout": EXCHANGE,
    }


def imap_account(mailbox: Mailbox) -> ImapAccount:
    """Raises core.secrets.Unreadable when the password was sealed under another SECRET_KEY."""
    return ImapAccount(**_common(mailbox, "imap"), folder=mailbox.folder)


def smtp_account(mailbox: Mailbox) -> SmtpAccount:
    """Raises core.secrets.Unreadable when the password was sealed under another SECRET_KEY."""
    return SmtpAccount(**_common(mailbox, "smtp"), local_hostname=domain_of(mailbox.address))


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].strip().lower() or "localhost"

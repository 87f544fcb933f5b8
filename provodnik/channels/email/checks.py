"""The test button of a mailbox: each step of a connection, in words, up to the first that fails."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from .account import IMAP_PORTS, SMTP_PORTS, Server, problems
from .imap import ImapSession
from .imap_letters import ImapAccount, ImapError
from .reasons import said
from .smtp import SmtpAccount, SmtpSession
from .smtp_answers import SendFailure
from .wire import Wire


@dataclass(frozen=True)
class Step:
    """`told`: a sentence for an administrator; `detail`: the server's or the system's words, possibly ""."""

    ok: bool
    told: str
    detail: str = ""


def check_imap(account: ImapAccount) -> list[Step]:
    """Connect, log in, look into the folder; changes nothing there. Lasts no longer than the timeouts."""
    steps = _settings(account, IMAP_PORTS)
    if steps:
        return steps
    session = ImapSession(account)
    try:
        session.connect()
        steps += _connected(session.wire)
        session.login()
        steps.append(Step(True, _("Logged in.")))
        session.select()
        steps.append(
            Step(
                True,
                _("The folder %(folder)s is open; letters in it: %(count)d.")
                % {"folder": account.folder, "count": session.exists},
            )
        )
        if session.can_idle:
            steps.append(Step(True, _("The server tells of new mail at once (IDLE).")))
        else:
            steps.append(Step(True, _("The server cannot tell of new mail itself; it will be asked regularly.")))
    except ImapError as error:
        steps.append(Step(False, said(error.code), error.detail))
    finally:
        session.close()
    return steps


def check_smtp(account: SmtpAccount) -> list[Step]:
    """Connect and log in; sends nothing. Lasts no longer than the timeouts."""
    steps = _settings(account, SMTP_PORTS)
    if steps:
        return steps
    session = SmtpSession(account)
    try:
        session.open()
        steps += _connected(session.client.wire if session.client else None)
        if account.username:
            steps.append(Step(True, _("Logged in.")))
        steps.append(Step(True, _("The server is ready to take letters.")))
    except SendFailure as error:
        # what speaks another language is another service: its words are nobody's business here (safety A60)
        words = "" if error.reason == "garbage" else f"{error.code or ''} {error.text}".strip()
        steps.append(Step(False, said(error.reason), words))
    finally:
        session.close()
    return steps


def _settings(account: Server, ports: frozenset[int]) -> list[Step]:
    return [Step(False, said(code)) for code in problems(account, ports)]


def _connected(wire: Wire | None) -> list[Step]:
    if wire is None or not wire.encrypted:
        return [Step(True, _("Connected, without protection: passwords and letters travel in clear."))]
    told = _("Connected, protected; the server's certificate is valid until %(moment)s.")
    return [Step(True, told % {"moment": wire.certificate_ends})]

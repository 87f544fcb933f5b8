"""Delivery reports: RFC 3464, and the words of servers that do not know it."""

import re
from collections.abc import Iterable

from . import clean, limits
from .charsets import decode
from .headers import Headers
from .kinds import is_daemon, null_return_path
from .tree import Part, Tree
from .values import Address, Bounce

_SUBJECT = re.compile(
    r"undeliver|non-?deliver|not (?:be )?deliver|delivery (?:status|fail|report|notif|problem|has failed|error)|"
    r"mail delivery|returned mail|return(?:ed)? to sender|failure notice|failed (?:mail|delivery)|"
    r"mail (?:failure|system error|error)|message (?:delayed|not delivered|blocked)|couldn.t be delivered|"
    r"warning: (?:could not|message)|user unknown|bounce|не (?:удалось|может быть) доставл|недоставлен|"
    r"не доставлен|ошибка доставки|сбой доставки|отч[её]т о (?:недо|до)ставке|возвра(?:т|щ[её]н)|配信不能|"
    r"mail could not",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"could(?:n't| not) be delivered|unable to deliver|delivery (?:to the following|failed|has failed|error)|"
    r"permanent (?:fatal )?error|undeliverable|user unknown|no such user|over quota|recipient address rejected|"
    r"mailbox (?:is full|unavailable|not found)|message was not delivered|did not reach|could not deliver|"
    r"address(?:es)? (?:had|failed|not found|you entered)|не (?:удалось|может быть|было|был[ао]?) доставлен|"
    r"не удалось доставить|пользователь не найден|ящик переполнен",
    re.IGNORECASE,
)
_RECIPIENT = re.compile(
    r"(?:final|original)-recipient:\s*(?:[a-z0-9-]{1,20}\s*;)?\s*<?([^\s<>;]{1,254}@[^\s<>;,]{1,254})", re.IGNORECASE
)
_STATUS = re.compile(r"^status:\s*([245]\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)
_ACTION = re.compile(r"^action:\s*([a-z]{1,12})", re.IGNORECASE | re.MULTILINE)
_DIAGNOSTIC = re.compile(
    r"^diagnostic-code:\s*(?:[a-z0-9-]{1,20}\s*;)?\s*(.{1,1000}(?:\n[ \t].{1,500}){0,10})", re.IGNORECASE | re.MULTILINE
)
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_CODE = re.compile(r"\b([45]\d\d)[ -]")
_ALONE = re.compile(r"^[ \t]{0,20}<?\"?([^\s<>@:\",;()]{1,64}@[^\s<>@:\",;()]{1,253})\"?>?:?(?=[ \t]|$)", re.MULTILINE)
_ANGLED = re.compile(r"<([^\s<>@\"]{1,64}@[^\s<>@\"]{1,253})>")
_ORIGINAL_ID = re.compile(r"^[ \t>]{0,4}message-id:\s*(<[^<>\s]{1,490}>)", re.IGNORECASE | re.MULTILINE)
_ORIGINAL = re.compile(
    r"^.{0,20}(?:copy of the (?:message|original)|original message|returned message|message header|"
    r"unsent message|исходное сообщение|копия письма).{0,60}$",
    re.IGNORECASE | re.MULTILINE,
)
_TEMPORARY = re.compile(r"\bdelayed\b|will (?:continue|retry|keep) |not yet been delivered|задерж", re.IGNORECASE)
_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")


def read(tree: Tree, sender: Address, subject: str, text: str) -> Bounce | None:
    """The report, or None when the letter is none."""
    status_parts = [part for part in tree.parts if part.type in _STATUS_TYPES]
    if status_parts:
        report = "\n".join(_text(part) for part in status_parts[:5])
        return _from_fields(report, tree, text)
    headers = tree.headers
    if any(part.type == "message/feedback-report" for part in tree.parts):
        # RFC 5965: a complaint about a letter of ours; nothing failed to arrive, and nobody waits for an answer.
        return Bounce(original_ids=_originals(tree, text), diagnostic=clean.line(subject, 500))
    if headers.has("x-failed-recipients"):
        return _from_words(tree, headers, text)
    daemon = is_daemon(sender.email, sender.name) or null_return_path(headers)
    head = text[: 8 * 1024]
    if daemon and (_SUBJECT.search(subject) or _WORDS.search(head)):
        return _from_words(tree, headers, text)
    if tree.root_params.get("report-type", "").lower() == "delivery-status":
        return _from_words(tree, headers, text)
    if _SUBJECT.search(subject) and _WORDS.search(head) and (_ENHANCED.search(head) or _CODE.search(head)):
        return _from_words(tree, headers, text)
    return None


def _text(part: Part) -> str:
    return clean.text(decode(part.content()[: limits.REPORT], part.params.get("charset", ""))[0], limits.REPORT)


def _from_fields(report: str, tree: Tree, text: str) -> Bounce:
    recipients = _distinct(match[1] for match in _RECIPIENT.finditer(report))
    statuses = _STATUS.findall(report)
    actions = {action.lower() for action in _ACTION.findall(report)}
    status = next((one for one in statuses if one[0] == "5"), statuses[0] if statuses else "")
    diagnostic = _DIAGNOSTIC.search(report)
    said = clean.line(diagnostic[1], 1000) if diagnostic else ""
    if not recipients:
        recipients = _recipients(text)
    return Bounce(
        recipients=recipients,
        status=status or _status(said),
        permanent=("failed" in actions and not status.startswith("4")) or status.startswith("5"),
        delayed=actions == {"delayed"},
        original_ids=_originals(tree, text),
        diagnostic=said or clean.line(text[:500], 500),
    )


def _from_words(tree: Tree, headers: Headers, text: str) -> Bounce:
    original = _ORIGINAL.search(text)
    said = text[: original.start()] if original and original.start() > 40 else text[: 8 * 1024]
    failed = _distinct(
        word.strip("<>,; ") for word in headers.one("x-failed-recipients")[:2000].replace(",", " ").split()
    )
    status = _status(said)
    delayed = bool(_TEMPORARY.search(said)) and not status.startswith("5")
    return Bounce(
        recipients=failed or _recipients(said),
        status=status,
        permanent=not delayed and not status.startswith("4"),
        delayed=delayed,
        original_ids=_originals(tree, text),
        diagnostic=clean.line(said[:1000], 1000),
    )


def _status(said: str) -> str:
    """RFC 3463 code, or one made from the three-digit reply."""
    found = _ENHANCED.search(said)
    if found:
        return found[0]
    code = _CODE.search(said)
    return f"{code[1][0]}.0.0" if code else ""


def _recipients(text: str) -> tuple[str, ...]:
    """Addresses on lines of their own, as servers list them; else those in angle brackets."""
    text = text[: 8 * 1024]
    ids = {one.strip("<>").lower() for one in _ORIGINAL_ID.findall(text)}
    found = _distinct(_ALONE.findall(text)) or _distinct(_ANGLED.findall(text))
    return tuple(one for one in found if one not in ids)


def _distinct(found: Iterable[str]) -> tuple[str, ...]:
    cleaned = (clean.line(one, limits.EMAIL).lower().strip(".,;:") for one in found)
    return tuple(dict.fromkeys(one for one in cleaned if "@" in one))[:50]


def _originals(tree: Tree, text: str) -> tuple[str, ...]:
    """Message-ID of the letter that came back: from the returned part, else from the text."""
    found: list[str] = []
    for part in tree.parts:
        if part.type in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"):
            found += _ORIGINAL_ID.findall(_text(part)[:65_536])
    found = found or _ORIGINAL_ID.findall(text[: limits.REPORT])
    return tuple(dict.fromkeys(clean.line(one, limits.MESSAGE_ID) for one in found))[:10]

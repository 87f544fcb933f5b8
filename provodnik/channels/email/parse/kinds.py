"""Who is speaking: a person, a robot (RFC 3834) or a mailing list."""

import re

from .headers import Headers

_AUTO_HEADERS = (
    "x-autoreply", "x-autorespond", "x-autoresponse", "x-auto-reply", "x-autoreply-from", "x-mail-autoreply",
    "x-ms-exchange-inbox-rules-loop", "x-failed-recipients", "autoresponder", "x-cron-env",
)  # fmt: skip
_LIST_HEADERS = ("list-id", "list-post", "mailing-list", "x-mailing-list", "list-unsubscribe", "x-mailman-version")
_SUPPRESSED = re.compile(r"\b(?:all|oof|autoreply)\b")
_SUBJECT = re.compile(
    r"\s*(?:автоответ|автоматический ответ|автоматическое уведомление|отсутств(?:ую|ие) на (?:рабочем )?мест|"
    r"out of (?:the )?office|automatic reply|autoreply|auto-reply|auto reply|auto:|autosvar|"
    r"abwesenheitsnotiz|réponse automatique)",
    re.IGNORECASE,
)
_DAEMON = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon|mailerdaemon|mdaemon|mailsystem|mail delivery)\b", re.I)
_NO_REPLY = re.compile(r"(?:no|do-?not|don't|not)[-_.]?(?:reply|answer)|bounces?[-+=@]|mailer-daemon|postmaster@", re.I)


def is_daemon(email: str, name: str) -> bool:
    """Mailer-daemon or postmaster, by address or by name."""
    return bool(_DAEMON.match(email.partition("@")[0]) or _DAEMON.match(name))


def null_return_path(headers: Headers) -> bool:
    """RFC 5321 §4.5.5: reports travel with an empty envelope sender."""
    return any(value.replace(" ", "") == "<>" for value in headers.all("return-path"))


def is_list(headers: Headers) -> bool:
    return any(map(headers.has, _LIST_HEADERS)) or "list" in _words(headers, "precedence")


def is_automatic(headers: Headers, subject: str, root_type: str) -> bool:
    """Not written by a person to us just now, as far as the letter says so itself."""
    submitted = headers.one("auto-submitted").split(";")[0].split("(")[0].strip().lower()
    if submitted and submitted != "no":
        return True
    if _words(headers, "precedence") & {"bulk", "junk", "auto_reply", "auto-reply"}:
        return True
    if _SUPPRESSED.search(headers.one("x-auto-response-suppress").lower()):
        return True
    if headers.one("x-post-messageclass").startswith("9") or "autoresponder" in _words(headers, "delivered-to"):
        return True
    if any(map(headers.has, _AUTO_HEADERS)) or null_return_path(headers):
        return True
    return root_type == "multipart/report" or bool(_SUBJECT.match(subject))


def is_unanswerable(email: str) -> bool:
    """An address that says itself that nobody reads it."""
    return not email or bool(_NO_REPLY.search(email))


def _words(headers: Headers, name: str) -> set[str]:
    return {word.strip(" ;,").lower() for value in headers.all(name) for word in value[:1000].split()}

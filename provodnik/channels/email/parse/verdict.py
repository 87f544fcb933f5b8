"""Authentication-Results (RFC 8601) of our own receiving server, and of nobody else."""

import re
from collections.abc import Collection

from . import clean
from .addresses import domain_of
from .headers import Headers
from .values import Verdict

_COMMENT = re.compile(r"\([^()]*\)")
_METHOD = re.compile(r"\s*([a-z0-9-]{1,20})(?:\s*/\s*\d+)?\s*=\s*([a-z]{1,20})\b(.*)", re.DOTALL)
_PROPERTY = re.compile(r"\b(smtp|header|body|policy)\s*\.\s*([a-z0-9-]{1,20})\s*=\s*(\"[^\"]{0,300}\"|[^\s;]{1,300})")
_RESULTS = {"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror", "policy", "bestguesspass"}
_LONGEST = 16_384


def read(headers: Headers, authserv_ids: Collection[str], senders: list[str]) -> Verdict:
    """The verdict of the topmost field whose authserv-id is ours. `senders` = the addresses in From."""
    ours = {name.strip().lower().rstrip(".") for name in authserv_ids}
    for value in headers.all("authentication-results"):
        plain = value[:_LONGEST].lower()
        for _ in range(5):
            plain = _COMMENT.sub(" ", plain)
        name, _, results = plain.partition(";")
        words = name.split()
        if words and words[0].strip('"').rstrip(".") in ours:
            return _verdict(words[0].strip('"').rstrip("."), results, senders)
    return Verdict()


def _verdict(source: str, results: str, senders: list[str]) -> Verdict:
    domain = domain_of(senders[0]) if len(senders) == 1 else ""
    best: dict[str, str] = {}
    aligned: set[str] = set()
    for piece in results.split(";")[:50]:
        found = _METHOD.fullmatch(piece)
        if found is None or found[1] not in ("spf", "dkim", "dmarc") or found[2] not in _RESULTS:
            continue
        method, result = found[1], found[2]
        names = {f"{kind}.{name}": value.strip('"') for kind, name, value in _PROPERTY.findall(found[3])}
        if result == "pass" and _is_aligned(method, names, domain):
            aligned.add(method)
            best[method] = "pass"
        elif best.get(method) != "pass":
            best[method] = result
    passed = bool(domain) and best.get("dmarc") != "fail" and bool(aligned)
    return Verdict(
        spf=best.get("spf", "none"),
        dkim=best.get("dkim", "none"),
        dmarc=best.get("dmarc", "none"),
        authenticated=passed,
        domain=clean.line(domain, 253),
        source=clean.line(source, 253),
    )


def _is_aligned(method: str, names: dict[str, str], domain: str) -> bool:
    """Relaxed alignment (RFC 7489 §3.1) without a list of public suffixes: same domain, or one under the other."""
    if method == "dmarc":
        claimed = names.get("header.from", domain)
    elif method == "spf":
        claimed = names.get("smtp.mailfrom", "")
    else:
        claimed = names.get("header.d") or names.get("header.i", "")
    claimed = claimed.rpartition("@")[2].rstrip(".")
    if not claimed or not domain or "." not in claimed:
        return False
    return claimed == domain or (method != "dmarc" and (_under(domain, claimed) or _under(claimed, domain)))


def _under(lower: str, upper: str) -> bool:
    return lower.endswith("." + upper) and upper.count(".") >= 1

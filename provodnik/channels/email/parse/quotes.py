"""What the person wrote, and what is quoted: folded in the page, never deleted.

The forms are those seen in Russian and foreign letters. Cutting too much is worse than cutting too little,
so a form counts only when its date, address or verb is there as well, and a letter that would be left with
nothing is left whole.
"""

import re

from . import limits

_WROTE = (
    r"(?:написал(?:\(а\)|а|и)?|пишет|писал(?:\(а\)|а|и)?|пише|написав|wrote|writes|schrieb|a écrit|ha scritto|"
    r"escribió|escreveu|schreef|napisał\(?a?\)?|пользователь)"
)
_MONTH = (
    r"(?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру|"
    r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[^\W\d_]{0,8}\.?"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{2}\b")
_TIME = re.compile(r"\b\d{1,2}[:.]\d{2}\b")
_EMAIL = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,200}")
_VERB = re.compile(rf"\b{_WROTE}(?!\w)", re.IGNORECASE)
_DATE_FIRST = re.compile(
    r"\s*(?:(?:[^\W\d_]{2,12}\.?,?\s+)?\d{1,2}"
    rf"(?:[./]\d{{1,2}}[./]\d{{2,4}}|-?\s*(?:de )?{_MONTH})|\d{{4}}-\d\d-\d\d)",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"\s*(?:On|Вы писали|Le|Am|El|Il|Em|Op|W dniu|Den)\b.{0,40}\d|.{0,120}<[^<>]{0,120}>?\s*(?:schrieb|wrote)"
)
# «Четверг, 26 июня 2014, 14:00 +04:00 от Имя Фамилия <a@b>:» (mail.ru): the name in capitals, then the colon.
_MAIL_RU = re.compile(
    r".{5,80}\d{1,2}:\d\d(?::\d\d)?(?:\s*[+-]\d\d:?\d\d)?\s+(?:от|from)(?:\s+[\"«]?[A-ZА-ЯЁ][\w.»\"-]{0,60}){1,5}\s*"
    r"(?:<[^<>]{0,200}>)?\s*:\s*$"
)
_ISO_GMT = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:\d\d \S.{0,120}$")
_DASHED = re.compile(r"-{2,6}\s*(?:On|В|Вкл|Вс|Пн|Вт|Ср|Чт|Пт|Сб)?\b.{5,200}\b(?:wrote|написал.{0,4})\s*-{2,6}\s*$")
_SEPARATOR = re.compile(
    r"[ \t*]{0,8}(?:[-_=]{2,30}\s{0,3})(?:исходное сообщение|исходное письмо|пересланное сообщение|"
    r"пересылаемое сообщение|перенаправленное сообщение|original message|original appointment|forwarded message|"
    r"ursprüngliche nachricht|message d'origine|mensaje original|конец пересылаемого сообщения)"
    r"\s{0,3}[-_=]{0,30}[ \t*]*$",
    re.IGNORECASE,
)
_BEGIN_FORWARD = re.compile(
    r"\s{0,4}(?:Begin forwarded message|Начало переадресованного (?:сообщения|письма))\s?:\s*$", re.IGNORECASE
)
_ABOVE = re.compile(
    r"\W{2,20}.{0,40}(?:reply above this line|ответ\w* выше этой (?:строки|линии|черты)).{0,40}$", re.IGNORECASE
)
_HEADER = re.compile(
    r"[ \t]{0,8}[*_]{0,3}(?:(?P<from>от кого|от|from|von|de|da|van|від)|"
    r"(?P<date>отправлено|дата|sent|date|data|gesendet|envoyé|надіслано)|"
    r"(?P<to>кому|to|an|à|a|para|aan)|(?P<subject>тема|subject|betreff|objet|oggetto|asunto|onderwerp)|"
    r"(?P<other>копия|cc|kopie|reply-to|risposta|ответить|важность|importance|вложения|attachments))"
    r"[*_]{0,3}[ \t]?:[*_]{0,3}(?:[ \t]|$)",
    re.IGNORECASE,
)
_FORWARDED = re.compile(r"пере(?:с|адр|напр)|forward", re.IGNORECASE)
# An address that was wrapped before its «>», so that the rest of the attribution looks like a quotation.
_BROKEN_END = re.compile(r"\s*>[^>]{0,60}:\s*$")
_RULE = re.compile(r"\s*[-_=*]{5,}\s*$")
_SIGN = re.compile(r"(?:--|—|––) ?$")
_MOBILE = re.compile(
    r"[<(\s]{0,6}(?:отправлено (?:с|из|от|через|при помощи)\b|отправлен[оа]? с моего|надіслано з\b|послано из\b|"
    r"с уважением, отправлено с|sent (?:from|via|with|by|using)\b|get \[?outlook for|скачать \[?outlook|"
    r"получит[еь] outlook для|envoyé de|envoyé depuis|von meinem|diese nachricht wurde von|gesendet (?:von|mit)|"
    r"verzonden (?:met|vanaf|van)|enviado (?:desde|do)|inviato da|"
    r"from my (?:iphone|ipad|android)|someone from mobile|從我的)",
    re.IGNORECASE,
)
_TRACKER = "\u1427"  # the dot that Gmail's tracking add-ons leave


def split(text: str) -> tuple[str, str]:
    """`(reply, quoted)`: every line of `text` is in exactly one of them; with nothing of his own, all is reply."""
    lines = text.split("\n")
    first = next((line[:400] for line in lines if line.strip()), "")
    if _is_separator(first) and _FORWARDED.search(first):
        return text.strip("\n"), ""  # forwarded without a word: the forwarded letter is what he says
    mine = _mine(lines[: limits.QUOTE_LINES])
    reply = _joined(lines, mine)
    if not reply.strip():
        return text.strip("\n"), ""
    rest = [line for line, keep in zip(lines, mine, strict=False) if not keep]
    quoted = "\n".join([*rest, *lines[len(mine) :]])
    return reply.strip("\n"), quoted.strip("\n") if quoted.strip() else ""


def _joined(lines: list[str], mine: list[bool]) -> str:
    """The kept lines, with one blank line, not two, where something was taken from between."""
    out: list[str] = []
    gap = False
    for line, keep in zip(lines, mine, strict=False):
        if not keep:
            gap = True
        elif line.strip() or not gap or (out and out[-1].strip()):
            out.append(line)
            gap = gap and not line.strip()
    return "\n".join(out)


def _mine(lines: list[str]) -> list[bool]:
    """For each line, whether the person wrote it."""
    mine = [True] * len(lines)
    kinds = [_kind(line) for line in lines]
    start, stop, quoted_follows = _first_mark(lines, kinds)
    if start is not None and not quoted_follows:
        mine[start:] = [False] * (len(lines) - start)
    elif start is not None:
        _after_attribution(mine, lines, kinds, start, stop)
    _signature(mine, lines)
    _quoted_tail(mine, kinds)
    _signature(mine, lines)
    return mine


def _kind(line: str) -> str:
    """q = quoted, b = blank, t = text."""
    stripped = line.lstrip()
    if stripped.startswith(">"):
        return "q"
    return "t" if stripped else "b"


def _first_mark(lines: list[str], kinds: list[str]) -> tuple[int | None, int, bool]:
    """Where the first attribution or separator begins, the line after it, and whether «> » lines follow."""
    for index in range(len(lines)):
        if kinds[index] != "t":
            continue
        size = _mark_size(lines, kinds, index)
        if not size:
            continue
        after = index + size
        following = next((kind for kind in kinds[after:] if kind != "b"), "")
        return _with_rule_above(lines, index), after, following == "q"
    return None, 0, False


def _with_rule_above(lines: list[str], index: int) -> int:
    """Where the line of dashes above a mark is; Yandex puts «Кому: … Тема: …» between the two."""
    above = index - 1
    while above >= max(0, index - 8) and (not lines[above].strip() or _HEADER.match(lines[above][:400])):
        above -= 1
    return above if above >= 0 and _RULE.match(lines[above][:200]) else index


def _is_separator(line: str) -> bool:
    return len(line) <= 300 and any(form.match(line) for form in (_SEPARATOR, _BEGIN_FORWARD, _ABOVE))


def _mark_size(lines: list[str], kinds: list[str], index: int) -> int:
    """How many lines the attribution, the separator or the header block at `index` takes; 0 = none."""
    line = lines[index][:400]
    if _is_separator(line):
        below = next((at for at in range(index + 1, min(index + 4, len(lines))) if lines[at].strip()), index)
        return 1 + (below - index - 1 + _header_block(lines, below) if below > index else 0)
    if _ISO_GMT.match(line) or _DASHED.match(line):
        return 1
    if _HEADER.match(line):
        return _header_block(lines, index)
    if not any(map(str.isdigit, line)) and "<" not in line and "@" not in line:
        return 0
    return _attribution(lines, kinds, index)


def _attribution(lines: list[str], kinds: list[str], index: int) -> int:
    joined = ""
    opening = bool(_OPENING.match(lines[index][:400]))
    for size in range(1, 7 if opening else 4):
        if index + size > len(lines):
            return 0
        line = lines[index + size - 1]
        if len(line) > 400 or (size > 1 and kinds[index + size - 1] == "b" and not opening):
            return 0
        if size > 1 and kinds[index + size - 1] == "q" and not _BROKEN_END.match(line):
            return 0
        joined = f"{joined} {line.strip()}".strip()
        if joined.endswith((":", "：")):
            return size if _is_attribution(joined) else 0
    return 0


def _is_attribution(line: str) -> bool:
    dated = bool(_YEAR.search(line)) or bool(_DATE_FIRST.match(line))
    email = bool(_EMAIL.search(line))
    verb = _VERB.search(line)
    if verb and email:
        return True
    if verb and dated and (_TIME.search(line) or _DATE_FIRST.match(line) or _OPENING.match(line)):
        return len(line) <= 250
    if not dated or not _TIME.search(line) or not _DATE_FIRST.match(line):
        return False
    return (email and "<" in line) or bool(_MAIL_RU.match(line))


def _header_block(lines: list[str], index: int) -> int:
    """Outlook's «От / Отправлено / Кому / Тема»: From first, a date, and a subject or an addressee."""
    kinds: set[str] = set()
    last = index
    strange = 0
    for position in range(index, min(len(lines), index + 24)):
        line = lines[position][:400]
        if not line.strip():
            if position - last > 1:
                break
            continue
        found = _HEADER.match(line)
        if found is None:
            strange += 1
            if strange > 3 or not kinds:
                break
            continue
        kinds.add(found.lastgroup or "")
        last, strange = position, 0
        if position == index and found.lastgroup not in ("from", "date"):
            return 0
    if {"from", "date"} <= kinds and kinds & {"to", "subject"}:
        return last - index + 1
    return 0


def _quoted_tail(mine: list[bool], kinds: list[str]) -> None:
    """Two «> » lines or more that close the letter without an attribution; one alone may be his own words."""
    position = end = next((index + 1 for index in range(len(mine) - 1, -1, -1) if mine[index]), 0)
    count = 0
    while position > 0 and kinds[position - 1] in "qb":
        position -= 1
        count += kinds[position] == "q"
    if count >= 2 and position > 0:
        mine[position:end] = [False] * (end - position)


def _after_attribution(mine: list[bool], lines: list[str], kinds: list[str], start: int, stop: int) -> None:
    """An attribution with «> » lines: one block is cut; answers between blocks keep the blocks they answer."""
    mine[start:stop] = [False] * (stop - start)
    _mend_wrapped(lines, kinds, stop)
    answers = [index for index in range(stop, len(kinds)) if kinds[index] == "t"]
    signature = _delimiter(lines, 0)
    if signature is not None and signature >= stop:
        answers = [index for index in answers if index < signature]
    last_answer = answers[-1] if answers else -1
    first_answer = answers[0] if answers else len(kinds)
    between = any(kinds[index] == "q" for index in range(first_answer, last_answer + 1))
    for index in range(stop, len(kinds)):
        if index > last_answer or (kinds[index] == "q" and not between):
            mine[index] = False


def _mend_wrapped(lines: list[str], kinds: list[str], start: int) -> None:
    """A short line between two quoted ones, right under a long one, is the end of a wrapped quotation."""
    for index in range(max(start, 1), len(lines) - 1):
        wrapped = len(lines[index]) <= 60 and len(lines[index - 1]) >= 65 and not _SIGN.match(lines[index])
        if wrapped and kinds[index] == "t" and kinds[index - 1] == kinds[index + 1] == "q":
            kinds[index] = "q"


def _delimiter(lines: list[str], start: int) -> int | None:
    """The first of the «-- » lines that have few lines below: 15, or 10 short ones where the space is missing.

    RFC 3676 §4.3 wants the space; without it the line may be a rule that somebody drew between two questions.
    """
    texts, longest = 0, 0
    found: int | None = None
    for index in range(len(lines) - 1, start - 1, -1):
        line = lines[index]
        if len(line) <= 4 and _SIGN.match(line):
            apart = index == 0 or len(lines[index - 1].strip()) <= 2 or lines[index - 1].startswith(">")
            if line == "-- " or (apart and texts <= 10 and longest <= 80):
                found = index
        elif line.strip():
            texts += 1
            longest = max(longest, len(line))
            if texts > 15:
                break
    return found


def _signature(mine: list[bool], lines: list[str]) -> None:
    """The signature at the end of what is his: «-- » and below, «Отправлено с iPhone»."""
    kept = [index for index, keep in enumerate(mine) if keep]
    cut = _delimiter([lines[index] for index in kept], 0)
    if cut is not None and any(lines[index].strip() for index in kept[:cut]):
        for index in kept[cut:]:
            mine[index] = False
        kept = kept[:cut]
    while kept:
        line = lines[kept[-1]].strip()
        if line and line != _TRACKER and not (len(line) <= 120 and _MOBILE.match(line)):
            return
        if line and not any(lines[index].strip() for index in kept[:-1]):
            return
        if line:
            mine[kept[-1]] = False
        kept.pop()

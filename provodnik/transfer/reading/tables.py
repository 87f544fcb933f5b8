"""CSV tables: ours by the names of their columns (Russian or English), and what osTicket exports."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, tzinfo
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from provodnik.desk.actions.past import PastMessage
from provodnik.transfer.reading.archive import Folder
from provodnik.transfer.reading.files import Gathered, pictures
from provodnik.transfer.reading.marked import from_html, is_html
from provodnik.transfer.reading.values import (
    LONGEST_FIELD,
    MOST_LINES,
    Found,
    Lines,
    Mistake,
    PastArticle,
    PastContact,
    PastRequest,
    Unreadable,
    priority,
    span_of,
)

Cells = Mapping[str, str]

# What a column may be called, in lower case without punctuation.
NAMES: Mapping[str, tuple[str, ...]] = {
    "number": ("номер", "number", "ticket number", "id", "код"),
    "subject": ("тема", "subject", "title", "заголовок", "название"),
    "text": ("текст", "text", "описание", "description", "body", "содержание"),
    "opened": ("зарегистрировано", "создано", "created", "date created", "открыто", "дата создания"),
    "closed": ("закрыто", "closed", "closed date", "дата закрытия"),
    "name": ("заявитель", "имя", "фио", "name", "from", "requester", "сотрудник"),
    "first": ("firstname", "first name"),
    "last": ("фамилия", "lastname", "last name"),
    "email": ("почта", "email", "e mail", "from email", "электронная почта"),
    "phone": ("телефон", "phone"),
    "position": ("должность", "position"),
    "customer": ("заказчик", "организация", "customer", "organization", "organisation", "компания"),
    "priority": ("приоритет", "priority"),
    "solution": ("решение", "solution", "resolution"),
    "section": ("раздел", "section", "category", "help topic"),
    "files": ("файлы", "вложения", "files", "attachments"),
}
_KNOWN = {name: column for column, names in NAMES.items() for name in names}
# An instruction may be a question and its answer; a request's «ответ» would be another's words.
_OF_ARTICLES = _KNOWN | {"question": "subject", "вопрос": "subject", "answer": "text", "ответ": "text"}


def decoded(content: bytes) -> str:
    """UTF-8, or what Excel saves as «CSV» under Russian Windows. Raises Unreadable."""
    for charset in ("utf-8-sig", "cp1251"):
        try:
            text = content.decode(charset)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Unreadable(_("The file is no text table: save it as CSV."))


def _rows(content: bytes) -> tuple[list[str], Iterator[list[str]]]:
    text = decoded(content)
    head = text.partition("\n")[0]
    mark = max(";,\t", key=head.count)
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        names = next(reader, [])
    except csv.Error as error:
        raise Unreadable(_("The first line is too long for names of columns.")) from error
    return [re.sub(r"\W+", " ", name).strip().casefold() for name in names], reader


def _lines(content: bytes, needed: tuple[str, ...], known: Mapping[str, str]) -> Iterator[tuple[int, Cells | Mistake]]:
    names, reader = _rows(content)
    columns = [known.get(name, "") for name in names]
    missing = [NAMES[one][0] for one in needed if one not in columns]
    if missing:
        raise Unreadable(_("These columns are missing: %(names)s.") % {"names": ", ".join(missing)})
    place = 1
    while True:
        place += 1
        try:
            row = next(reader, None)
        except csv.Error:
            yield place, Mistake(_("The line is no line of a table, or a cell of it is too long."))
            continue
        if row is None:
            return
        if place - 1 > MOST_LINES:
            raise Unreadable(_("There are more than %(count)d lines: divide the file.") % {"count": MOST_LINES})
        if any(cell.strip() for cell in row):
            yield place, {name: cell.strip() for name, cell in zip(columns, row, strict=False) if name}


def is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 254


def _read(
    content: bytes,
    needed: tuple[str, ...],
    made: Callable[[Cells], tuple[str, Found]],
    known: Mapping[str, str] = _KNOWN,
) -> Lines:
    for place, cells in _lines(content, needed, known):
        if isinstance(cells, Mistake):
            yield place, "", cells
        else:
            yield place, *made(cells)


def contacts(content: bytes) -> Lines:
    """Columns: name (or first and last name, as Zammad has them), e-mail; phone, position, customer."""
    return _read(content, ("email",), contact)


def contact(cells: Cells) -> tuple[str, Found]:
    """A person of a line: (address, who it is or why nobody)."""
    email = cells.get("email", "").lower()
    parts = [cells.get("last", ""), cells.get("name", "") or cells.get("first", "")]
    name = " ".join(part for part in parts if part)
    if not is_address(email):
        return email[:100], Mistake(_("“%(typed)s” is no e-mail address.") % {"typed": email[:100]})
    if not name:
        return email, Mistake(_("There is no name."))
    return email, PastContact(name, email, cells.get("phone", ""), cells.get("position", ""), cells.get("customer", ""))


def articles(content: bytes, folder: Folder | None = None) -> Lines:
    """Columns: title, text; section, files; or question, answer, category, as osTicket keeps them. A text is Markdown
    or HTML. Pictures that the text names come with it."""
    folder = folder or Folder()

    def made(cells: Cells) -> tuple[str, Found]:
        title, text = cells.get("subject", ""), cells.get("text", "")
        if not title or not text:
            return title[:100], Mistake(_("An instruction needs a title and a text."))
        marked = from_html(text) if is_html(text) else text
        if isinstance(marked, Mistake):
            return title[:100], marked
        taken = Gathered(folder)
        shown = {}
        for name in pictures(marked):
            place = taken.member(folder.find(unquote(name)), name)
            if place is not None:
                shown[name] = place
        taken.named(cells.get("files", ""))
        found = PastArticle(title, marked, cells.get("section", ""), taken.files, taken.missing, shown)
        return title[:100], found

    return _read(content, ("subject", "text"), made, _OF_ARTICLES)


def requests(content: bytes, *, zone: tzinfo, now: datetime, folder: Folder | None = None, apart: str = "") -> Lines:
    """Columns: number, subject, registered; text, closed, requester, e-mail, customer, priority, solution, files.
    What lies in the folder of a request's number is its file, too, but for what lies in the folder `apart` there."""
    folder = folder or Folder()

    def made(cells: Cells) -> tuple[str, Found]:
        number, subject = cells.get("number", "")[:100], cells.get("subject", "")
        if not number:
            return "", Mistake(_("There is no number."))
        span = span_of(cells.get("opened", ""), cells.get("closed", ""), zone, now)
        if isinstance(span, Mistake):
            return number, span
        opened, closed = span
        email = cells.get("email", "").lower()
        solution = cells.get("solution", "")
        said = [PastMessage(closed or opened, solution, "", by_requester=False)] if solution else []
        taken = Gathered(folder)
        taken.named(cells.get("files", ""), number)
        taken.folder_of(number, apart)
        return number, PastRequest(
            number=number,
            subject=subject,
            text=cells.get("text", "") or subject or number,
            opened_at=opened,
            closed_at=closed,
            priority=priority(cells.get("priority", "")),
            requester_name=cells.get("name", ""),
            requester_email=email if is_address(email) else "",
            customer=cells.get("customer", ""),
            messages=said,
            files=taken.files,
            missing=taken.missing,
        )

    return _read(content, ("number", "subject", "opened"), made)


def osticket(content: bytes, *, zone: tzinfo, now: datetime, folder: Folder | None = None) -> Lines:
    """What osTicket's «Export» of a list of tickets gives: heads of tickets without their conversations. A ticket's own
    export is a ZIP of `<number>.pdf`, the conversation with the desk's notes, and a folder `<number>/` of its files
    (include/class.export.php, TicketZipExporter): unpacked side by side, they come with it. That paper and what lies
    under `tasks/` become a note, for they tell what the desk alone knew."""
    folder = folder or Folder()
    for place, number, found in requests(content, zone=zone, now=now, folder=folder, apart="tasks"):
        if isinstance(found, PastRequest):
            taken = Gathered(folder)
            for one in [folder.find(f"{number}.pdf"), *folder.within(f"{number}/tasks")]:
                if one is not None:
                    taken.member(one, one.path)
            found.missing.extend(taken.missing)
            if taken.files:
                words = _("The conversation, as the other desk printed it, is in the files.")
                at = found.closed_at or found.opened_at
                found.messages.append(PastMessage(at, words, "", False, internal=True, files=taken.files))
        yield place, number, found

#!/usr/bin/env python3
"""Tables of employees (CSV, XLSX) → a batch of the exchange with PROводник, signed, in a folder.

Independent of the portal: Python 3.11 and its standard library. The contract: docs/exchange/1c.md. What it says to
people is Russian; see README.md beside it.
"""
# ruff: noqa: S314, T201 - it reads its user's own tables, without entities, and talks to him

from __future__ import annotations

import argparse
import csv
import hashlib
import hmac
import io
import json
import os
import re
import sys
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

SPACE = uuid.UUID("4c1d1c52-52a5-4d4f-8d0c-6a2f1a9b7c11")
LARGEST_XLSX = 200 * 1024 * 1024  # bytes of a sheet, unpacked
KINDS = {
    "основное место работы": "main", "основное": "main", "внутреннее совместительство": "internal",
    "внешнее совместительство": "external", "договор гпх": "contract", "гпх": "contract",
}  # fmt: skip
YES = {"да", "yes", "true", "1", "+"}
Row = Mapping[str, str]
Object = dict[str, object]


def guid(base: str, *words: str) -> str:
    """The same for the same words: what stands in for 1C's reference where a table has none."""
    return str(uuid.uuid5(SPACE, "/".join([base, *(" ".join(word.split()).casefold() for word in words)])))


# --- tables


def rows(path: Path) -> Iterator[Row]:
    """Rows by their headings in lower case."""
    table = _xlsx(path) if path.suffix.lower() == ".xlsx" else _csv(path)
    heads: list[str] = []
    for cells in table:
        if not any(cell.strip() for cell in cells):
            continue
        if not heads:
            heads = [" ".join(cell.split()).casefold() for cell in cells]
            continue
        yield {head: " ".join(cell.split()) for head, cell in zip(heads, cells, strict=False) if head}


def _csv(path: Path) -> Iterator[list[str]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1251")
    first = text.split("\n", 1)[0]
    yield from csv.reader(io.StringIO(text), delimiter=";" if first.count(";") >= first.count(",") else ",")


def _xlsx(path: Path) -> Iterator[list[str]]:
    """The first sheet of a workbook (ECMA-376), texts, numbers and dates as text."""
    with zipfile.ZipFile(path) as book:
        names = set(book.namelist())
        shared = [
            "".join(part.text or "" for part in one.iter() if part.tag.endswith("}t"))
            for one in (_tree(book, "xl/sharedStrings.xml") if "xl/sharedStrings.xml" in names else ())
        ]
        sheet = min(name for name in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
        for row in _tree(book, sheet).iter():
            if row.tag.endswith("}row"):
                yield _cells(row, shared)


def _tree(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    if book.getinfo(name).file_size > LARGEST_XLSX:
        raise SystemExit(f"Лист книги больше {LARGEST_XLSX // 1024**2} МБ.")
    content = book.read(name)
    if b"<!DOCTYPE" in content[:2000] or b"<!ENTITY" in content:
        raise SystemExit("В книге есть объявления сущностей: такие файлы не читаются.")
    return ElementTree.fromstring(content)


def _cells(row: ElementTree.Element, shared: list[str]) -> list[str]:
    found: dict[int, str] = {}
    for cell in row:
        letters = re.match(r"[A-Z]+", cell.get("r", ""))
        place = _column(letters[0]) if letters else len(found)
        kind = cell.get("t", "n")
        texts = ["".join(part.itertext()) for part in cell if part.tag.endswith("}v") or part.tag.endswith("}is")]
        value = texts[0] if texts else ""
        found[place] = shared[int(value)] if kind == "s" and value else value
    return [found.get(place, "") for place in range(max(found, default=-1) + 1)]


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def day(text: str) -> str | None:
    """«09.01.2020», «2020-01-09» or a day's number of Excel → ISO; "" → None. Raises ValueError."""
    text = text.strip().split(" ")[0].split("T")[0]
    if not text or text in ("01.01.0001", "0001-01-01"):
        return None
    if re.fullmatch(r"\d{5}(\.0+)?", text):
        return (date(1899, 12, 30) + timedelta(days=int(text.split(".")[0]))).isoformat()
    if re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{4}", text):
        return datetime.strptime(text, "%d.%m.%Y").replace(tzinfo=UTC).date().isoformat()
    return date.fromisoformat(text).isoformat()


# --- objects


@dataclass
class Crowd:
    """Objects by their type and reference, in the order in which they were met; complaints about rows."""

    base: str
    version: int
    objects: dict[tuple[str, str], Object] = field(default_factory=dict)
    places: dict[tuple[str, str], str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def add(self, kind: str, key: str, /, **fields: object) -> str:
        self.objects.setdefault((kind, key), {"type": kind, "guid": key, "version": self.version, **fields})
        return key

    def employee(self, row: Row) -> None:
        house, number = row.get("организация", ""), row.get("табельный номер", "")
        if not house or not number:
            raise ValueError("нет организации или табельного номера")
        organisation = self.add("organisation", guid(self.base, "organisation", house), **_house(row))
        unit = self._unit(organisation, house, row.get("подразделение", ""))
        title = row.get("должность", "")
        position = self.add("position", guid(self.base, "position", title), name=title) if title else None
        snils = row.get("снилс", "")
        own = guid(self.base, "snils", re.sub(r"\D", "", snils)) if snils else guid(self.base, "person", house, number)
        person = self.add("person", row.get("guid физлица") or own, **_person(row))
        place = row.get("guid сотрудника") or guid(self.base, "employment", house, number)
        starts = day(row.get("дата приёма", row.get("дата приема", "")))
        if starts is None:
            raise ValueError("нет даты приёма")
        fields: Object = {
            "person": person, "organisation": organisation, "unit": unit, "position": position,
            "personnel_number": number, "starts_on": starts, "ends_on": day(row.get("дата увольнения", "")),
        }  # fmt: skip
        if row.get("вид занятости"):
            fields["kind"] = KINDS[row["вид занятости"].casefold()]
        if row.get("вредные условия"):
            fields["is_harmful"] = row["вредные условия"].casefold() in YES
        if "график" in row:
            fields["schedule"] = row["график"]
        self.places[house.casefold(), number] = self.add("employment", place, **fields)

    def _unit(self, organisation: str, house: str, way: str) -> str | None:
        above = None
        names = [name.strip() for name in way.split(" / ") if name.strip()]
        for depth, name in enumerate(names, 1):
            key = guid(self.base, "unit", house, *names[:depth])
            above = self.add("unit", key, organisation=organisation, parent=above, name=name)
        return above

    def absence(self, row: Row) -> None:
        place, starts = self._place(row), day(row.get("дата начала", ""))
        if starts is None:
            raise ValueError("нет даты начала")
        kind = row.get("вид", "")
        key = guid(self.base, "absence", place, kind, starts)
        self.add(
            "absence", key, employment=place, kind=kind, starts_on=starts, ends_on=day(row.get("дата окончания", ""))
        )

    def balance(self, row: Row) -> None:
        place, on = self._place(row), day(row.get("на дату", ""))
        days = row.get("остаток", "").replace(",", ".").replace("\u00a0", "")
        if on is None or not re.fullmatch(r"-?\d+(\.\d{1,4})?", days):
            raise ValueError("остаток — число, «на дату» — день")
        key = self.add("leave_balance", place, on=on, balances=[])
        told = self.objects["leave_balance", key]["balances"]
        assert isinstance(told, list)
        told.append({"name": row.get("вид отпуска") or "Основной", "days": days})

    def _place(self, row: Row) -> str:
        found = self.places.get((row.get("организация", "").casefold(), row.get("табельный номер", "")))
        if found is None:
            raise ValueError("такого табельного номера нет в таблице сотрудников")
        return found

    def read(self, path: Path, take: str) -> None:
        for number, row in enumerate(rows(path), 2):
            try:
                getattr(self, take)(row)
            except (ValueError, KeyError) as error:
                self.wrong.append(f"{path.name}, строка {number}: {error}")

    def payslips(self, folder: Path, period: str) -> Iterator[tuple[str, Path]]:
        """PDFs named by personnel numbers; yields (name in the batch, path)."""
        for (_house, number), place in sorted(self.places.items()):
            employment = self.objects["employment", place]
            organisation = self.objects["organisation", str(employment["organisation"])]
            named = folder / str(organisation["name"]) / f"{number}.pdf"
            path = named if named.exists() else folder / f"{number}.pdf"
            if not path.exists():
                continue
            name = f"{place}.pdf"
            key = guid(self.base, "payslip", place, period)
            self.add(
                "payslip", key, employment=place, organisation=employment["organisation"], period=period, part="final",
                pdf=name,
            )  # fmt: skip
            yield name, path


def _house(row: Row) -> Object:
    found: Object = {"name": row["организация"]}
    if row.get("часовой пояс"):
        found["zone"] = row["часовой пояс"]
    if row.get("регион"):
        found["region"] = row["регион"]
    return found


def _person(row: Row) -> Object:
    surname, first_name, patronymic = [*row.get("фио", "").split(" ", 2), "", "", ""][:3]
    found: Object = {
        "surname": row.get("фамилия", surname), "first_name": row.get("имя", first_name),
        "patronymic": row.get("отчество", patronymic),
    }  # fmt: skip
    if "дата рождения" in row:
        found["birth_date"] = day(row["дата рождения"])
    for head, name in (
        ("снилс", "snils"), ("рабочий телефон", "work_phone"), ("рабочая почта", "work_email"), ("кабинет", "room"),
        ("телефон", "phone"), ("почта", "email"),
    ):  # fmt: skip
        if head in row:
            found[name] = row[head]
    return found


# --- a batch


def write(
    folder: Path, base: str, key: str, objects: Iterable[Object], pdfs: Iterable[tuple[str, Path]], full: bool
) -> str:
    """Write the files, the manifest and, last, the signature: half a batch is never seen. Returns the batch's name."""
    batch, made = str(uuid.uuid4()), datetime.now(UTC).replace(microsecond=0)
    name = f"{made:%Y%m%d-%H%M%S}-{batch[:8]}"
    files: list[Object] = []
    for pdf, path in pdfs:
        content = path.read_bytes()
        _put(folder / pdf, content)
        files.append({"name": pdf, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in objects]
    content = ("\n".join(lines) + "\n").encode()
    _put(folder / f"{name}.jsonl", content)
    files.append(
        {
            "name": f"{name}.jsonl",
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "objects": len(lines),
        }
    )
    manifest = json.dumps(
        {"contract": 1, "base": base, "batch": batch, "made_at": made.isoformat(), "full": full, "files": files},
        ensure_ascii=False,
    ).encode()
    _put(folder / f"{name}.manifest.json", manifest)
    signed = hmac.new(bytes.fromhex(key), manifest, hashlib.sha256).hexdigest()
    _put(folder / f"{name}.manifest.sig", signed.encode())
    return batch


def _put(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.part")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Таблицы сотрудников → пакет обмена для портала PROводник.")
    parser.add_argument("employees", type=Path, help="таблица сотрудников: CSV или XLSX")
    parser.add_argument("--base", required=True, help="короткое имя базы в портале")
    parser.add_argument("--key-file", type=Path, help="файл с ключом подписи (64 шестнадцатеричные цифры)")
    parser.add_argument("--folder", type=Path, help="папка «in» этой базы")
    parser.add_argument("--absences", type=Path, help="таблица отсутствий")
    parser.add_argument("--balances", type=Path, help="таблица остатков отпусков")
    parser.add_argument("--payslips", type=Path, help="папка с PDF расчётных листков")
    parser.add_argument("--period", help="месяц листков: 2026-10")
    parser.add_argument("--full", action="store_true", help="таблица называет всех, кто работает")
    parser.add_argument("--dry-run", action="store_true", help="ничего не писать, только показать")
    told = parser.parse_args(arguments)
    crowd = Crowd(told.base, int(datetime.now(UTC).timestamp() * 1000))
    crowd.read(told.employees, "employee")
    if told.absences:
        crowd.read(told.absences, "absence")
    if told.balances:
        crowd.read(told.balances, "balance")
    if told.payslips and not re.fullmatch(r"\d{4}-\d{2}", told.period or ""):
        parser.error("к листкам нужен --period, например 2026-10")
    pdfs = list(crowd.payslips(told.payslips, told.period)) if told.payslips else []
    for line in crowd.wrong:
        print(line, file=sys.stderr)
    print(f"Объектов: {len(crowd.objects)}, непонятных строк: {len(crowd.wrong)}, листков: {len(pdfs)}")
    if told.dry_run:
        return 1 if crowd.wrong else 0
    if not told.key_file or not told.folder:
        parser.error("нужны --key-file и --folder")
    key = told.key_file.read_text(encoding="ascii").strip()
    batch = write(told.folder, told.base, key, crowd.objects.values(), pdfs, told.full and not crowd.wrong)
    print(f"Пакет {batch} лежит в папке; ответ портала появится в папке out.")
    return 1 if crowd.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

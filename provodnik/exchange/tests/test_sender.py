"""The reference sender (integrations/sender) as a customer runs it: a table in, people in the portal out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from provodnik.desk.tests.factories import NOW
from provodnik.exchange.actions import receiving
from provodnik.exchange.models import LeaveBalance, Thing
from provodnik.exchange.tests.factories import Sender, take
from provodnik.people.models import Absence, Employment, Unit

pytestmark = pytest.mark.django_db
PROGRAM = Path(__file__).resolve().parents[3] / "integrations" / "sender" / "send.py"
HEADS = "Организация;Табельный номер;ФИО;Дата приёма;Подразделение;Должность;Вид занятости;СНИЛС;Дата увольнения"
ROWS = [
    "Чистая вода;00712;Родникова Анна Львовна;09.01.2020;Производство / Лаборатория;Инженер-химик;"
    "Основное место работы;112-233-445 95;",
    "Чистая вода;00713;Ёлкин Пётр;2021-02-03;Производство;Слесарь;;;01.02.2026",
    "Чистая вода;00714;Безда Та;;Производство;Слесарь;;;",
]


def run(sender: Sender, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "key.txt").write_text(sender.key)
    command = [sys.executable, "-I", str(PROGRAM), "--base", "zup", "--key-file", str(folder / "key.txt")]
    command += ["--folder", str(sender.folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONIOENCODING": "utf-8"})


def test_tables_become_people(sender: Sender, tmp_path: Path) -> None:
    (tmp_path / "люди.csv").write_bytes("\r\n".join([HEADS, *ROWS]).encode("cp1251"))
    head = "Организация;Табельный номер;"
    (tmp_path / "нет.csv").write_text(f"{head}Вид;Дата начала;Дата окончания\nЧистая вода;00712;Отпуск;02.02.2026;\n")
    (tmp_path / "дни.csv").write_text(
        f"{head}Вид отпуска;Остаток;На дату\nЧистая вода;00712;Основной;18,67;02.02.2026\n"
    )
    (tmp_path / "pdf").mkdir()
    (tmp_path / "pdf" / "00712.pdf").write_bytes(b"%PDF-1.7")
    more = [
        "--absences",
        str(tmp_path / "нет.csv"),
        "--balances",
        str(tmp_path / "дни.csv"),
        "--payslips",
        str(tmp_path / "pdf"),
    ]
    done = run(sender, tmp_path, str(tmp_path / "люди.csv"), *more, "--period", "2026-01")
    assert (done.returncode, done.stderr) == (1, "люди.csv, строка 4: нет даты приёма\n")
    (batch,) = receiving.look(sender.base, at=NOW)
    assert (take(batch).state, batch.words) == ("done", "")
    places = {
        place.personnel_number: place for place in Employment.objects.select_related("person", "unit", "position")
    }
    assert set(places) == {"00712", "00713"} and places["00713"].ends_on is not None
    anna = places["00712"]
    assert (anna.person.full_name, str(anna.position), str(anna.unit)) == (
        "Родникова Анна Львовна", "Инженер-химик", "Лаборатория",
    )  # fmt: skip
    assert len(Unit.objects.get(name="Лаборатория").path) == 2
    assert str(LeaveBalance.objects.get().days) == "18.6700" and Absence.objects.get().ends_on is None
    assert Thing.objects.get(kind="payslip").standing == "taken"
    # the same people out of a workbook: the same references, nothing changes
    book = openpyxl.Workbook()
    for line in [HEADS, *ROWS[:2]]:
        book.active.append(line.split(";"))  # type: ignore[union-attr]
    book.save(tmp_path / "люди.xlsx")
    assert run(sender, tmp_path, "--full", str(tmp_path / "люди.xlsx")).returncode == 0
    (batch,) = receiving.look(sender.base, at=NOW)
    assert take(batch).diff["employment"] == {"same": 2} and batch.is_full

"""Pages of the manuals that the code knows better than a writer: settings, commands, keys, legal moves, proofs.

Called by scripts/docs.py, which writes them and compares them. Django is set up and Russian is active.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from provodnik.config.env import Environment
from provodnik.desk import keys, labels
from provodnik.desk.states import (
    DEFAULT_ALLOWANCES,
    EXPLANATION_REQUIRED,
    MOVES,
    PROPOSALS,
    SPECIALIST_RESOLUTIONS,
    Resolution,
    Status,
    allowed_resolutions,
)
from provodnik.lifecycle import usage

ROOT = Path(__file__).resolve().parent.parent
BOOKS = ROOT / "provodnik" / "manual" / "books"
SETTINGS = BOOKS / "admin" / "settings.toml"
PROOF = re.compile(r"^\|\s*([RI]\d+)\s*\|([^|]*)\|([^|]*)\|([^|]*)\|\s*$", re.MULTILINE)


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ").strip()


def _table(head: list[str], rows: list[list[object]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join('---' for _one in head)} |"]
    return "\n".join([*lines, *(f"| {' | '.join(map(_cell, row))} |" for row in rows)])


def settings() -> str:
    told = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))
    unknown, missing = set(told) - set(Environment.model_fields), set(Environment.model_fields) - set(told)
    if unknown or missing:
        raise SystemExit(f"{SETTINGS.relative_to(ROOT)}: no line for {sorted(missing)}, no setting {sorted(unknown)}")
    rows: list[list[object]] = []
    for name, field in Environment.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "" if default in ("", None, []) else f"`{default}`"
        rows.append([f"`PROVODNIK_{name.upper()}`", shown, told[name]])
    return f"""# Все настройки установки

Таблица сделана из самого продукта, поэтому лишнего и забытого в ней нет.

Каждая настройка — переменная окружения или строка файла `/etc/provodnik/provodnik.env`. \
Об ошибках программа говорит при запуске, обо всех сразу; \
незнакомую переменную назовёт `provodnik doctor`. После изменения перезапустите службы.

{_table(["настройка", "по умолчанию", "что значит"], rows)}

Ещё две читает сама программа: `PROVODNIK_ENV_FILE` — файл со строками настроек, \
`PROVODNIK_PG_BIN` — папка программ PostgreSQL, если взять нужно не самые новые.
"""


def commands() -> str:
    rows: list[list[object]] = [[f"`provodnik {name}`", does] for name, does in usage.commands().items()]
    return f"""# Все команды

Таблица сделана из самой программы. То же печатает команда provodnik help.

{_table(["команда", "что делает"], rows)}

Запускайте через `sudo`: команда сама переходит под пользователя `provodnik`, \
root остаётся там, где без него нельзя. Настройки она берёт из того же файла, что и службы.
"""


def moves() -> str:
    states, priorities, types = dict(labels.STATUSES), dict(labels.PRIORITIES), dict(labels.TYPES)
    resolutions, impacts = dict(labels.RESOLUTIONS), dict(labels.IMPACTS)
    ways: list[list[object]] = [
        [states[old], ", ".join(str(states[new]) for new in Status if new in MOVES[old])] for old in Status
    ]
    times: list[list[object]] = [
        [priorities[one], f"{int(DEFAULT_ALLOWANCES[one].total_seconds() // 3600)} ч", labels.PRIORITY_DEFINITIONS[one]]
        for one in DEFAULT_ALLOWANCES
    ]
    ends: list[list[object]] = []
    for one in Resolution:
        low_only = one in SPECIALIST_RESOLUTIONS and one not in allowed_resolutions("high")
        who = "специалист" if one in SPECIALIST_RESOLUTIONS else "заявитель"
        ends.append(
            [
                resolutions[one],
                who + (", только «Низкий»" if low_only else ""),
                "да" if one in EXPLANATION_REQUIRED else "нет",
            ]
        )
    said: list[list[object]] = [
        [impacts[one], types[kind], priorities[priority]] for one, (kind, priority) in PROPOSALS.items()
    ]
    return f"""# Статусы, приоритеты и резолюции

Что из чего можно сделать. Таблицы сделаны из тех же правил, по которым решают страница, API и база данных.

## Куда можно перейти

{_table(["из статуса", "можно в"], ways)}

Любой другой переход отвергнут: пункт I11 решений по регламенту.

## Нормативы

{_table(["приоритет", "время на решение", "когда"], times)}

В договоре могут быть свои часы и свой календарь.

## Резолюции

{_table(["резолюция", "кто выбирает", "нужно пояснение"], ends)}

## Что предлагает система по словам заявителя

{_table(["как это мешает", "тип", "приоритет"], said)}

Специалист подтверждает или меняет с причиной; изменение остаётся в истории.
"""


def key_table() -> str:
    groups: dict[str, list[list[object]]] = {}
    for key in keys.KEYS:
        groups.setdefault(str(key.group), []).append([f"`{key.shown}`", key.label])
    parts = [f"## {group}\n\n{_table(['клавиша', 'что делает'], rows)}" for group, rows in groups.items()]
    body = "\n\n".join(parts)
    return f"""# Все клавиши рабочего места

Таблица сделана из той же, которую читает страница. «?» на рабочем месте показывает её на экране.

Клавиша — это место на клавиатуре: в русской раскладке работает та же. `g d` значит: нажмите `g`, затем `d`.

{body}
"""


def proofs() -> str:
    text = (ROOT / "docs" / "regulation.md").read_text(encoding="utf-8")
    parts = []
    for name, wanted, where, shown in PROOF.findall(text):
        where = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", where)
        tests = "\n".join(f"- `{one}`" for one in re.findall(r"`([^`]+\.py(?:::[\w:]+)?)`", shown))
        parts.append(f"## {name}. {wanted.strip()}\n\n{where.strip()}\n\nПоказывают тесты:\n\n{tests}")
    body = "\n\n".join(parts)
    return f"""# Каждый пункт: где в коде и какой тест показывает

Приложение для проверяющего: сделано из таблицы разработчиков, которую сверяют при каждой сборке.

{body}
"""


MADE = {
    "provodnik/manual/books/specialist/made-moves.md": moves,
    "provodnik/manual/books/specialist/made-keys.md": key_table,
    "provodnik/manual/books/admin/made-settings.md": settings,
    "provodnik/manual/books/admin/made-commands.md": commands,
    "provodnik/manual/books/regulation/made-proofs.md": proofs,
}

"""A base of 1C for tests: a real HTTP server that speaks as much of its OData 3 as a reader needs, and misbehaves when
told to."""

from __future__ import annotations

import base64
import contextlib
import json
import ssl
import threading
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

Row = Mapping[str, Any]
ROOT = "/zup/odata/standard.odata"
USER, PASSWORD = "Читатель", "пароль:с двоеточием"


class Zup:
    """`sets`: what is published; `ills`: {set: how it misbehaves}; `asked`: (path, options) in their order."""

    def __init__(self, sets: Mapping[str, Iterable[Row]] = {}, *, context: ssl.SSLContext | None = None) -> None:
        self.sets: dict[str, list[Row]] = {name: list(rows) for name, rows in sets.items()}
        self.ills: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()
        zup = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                zup._answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme, name = ("https", "localhost") if context is not None else ("http", "127.0.0.1")
        self.address = f"{scheme}://{name}:{self._server.server_address[1]}{ROOT}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        assert parts.path.isascii()  # Cyrillic names come percent-encoded (RFC 3986, 2.1)
        path, options = unquote(parts.path).removeprefix(ROOT).strip("/"), dict(parse_qsl(parts.query))
        self.asked.append((path, options))
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if handler.headers.get("Authorization") != f"Basic {token}":
            _send(handler, 401, b"")
        elif not path:
            _json(handler, [{"name": name, "url": name} for name in self.sets])
        else:
            name, _, tail = path.partition("/")
            self._set(handler, name, tail, options)

    def _set(self, handler: BaseHTTPRequestHandler, name: str, tail: str, options: dict[str, str]) -> None:
        ill, rows = self.ills.get(name, ""), self.sets.get(name)
        if ill.isdigit():
            _send(handler, int(ill), b'{"odata.error": {"code": "-1"}}')
        elif rows is None:
            _send(handler, 404, b"")
        elif tail == "$count":
            _send(handler, 200, str(len(rows) + (ill == "half")).encode())
        elif unknown := set(options["$select"].split(",")) - {key for row in rows for key in row} if rows else set():
            _send(handler, 400, str(unknown).encode())
        else:
            self._page(handler, ill, rows, options)

    def _page(self, handler: BaseHTTPRequestHandler, ill: str, rows: list[Row], options: dict[str, str]) -> None:
        top, skip, fields = int(options["$top"]), int(options["$skip"]), options["$select"].split(",")
        if ill == "hang":
            self.over.wait(60)
        elif ill == "elsewhere":
            _send(handler, 302, b"", Location="http://127.0.0.1:9/other")
        elif ill == "later" and skip:
            _send(handler, 500, b"")
        elif ill == "cut":
            _send(handler, 200, b'{"value": [', length=1000)
        elif ill.startswith("raw:"):
            _send(handler, 200, ill.removeprefix("raw:").encode())
        elif ill == "huge":
            _json(handler, [{"Ref_Key": "x" * 300_000}])
        elif ill == "endless":
            _json(
                handler, [{**rows[0], "Ref_Key": f"{skip + one:08}-0000-4000-8000-000000000000"} for one in range(top)]
            )
        else:
            rows = rows[:top] if ill == "repeats" else rows if ill == "whole" else rows[skip : skip + top]
            _json(handler, [{key: row[key] for key in fields if key in row} for row in rows])


def _json(handler: BaseHTTPRequestHandler, rows: list[Any]) -> None:
    _send(handler, 200, b"\xef\xbb\xbf" + json.dumps({"odata.metadata": "…", "value": rows}).encode())


def _send(handler: BaseHTTPRequestHandler, status: int, body: bytes, *, length: int = 0, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(length or len(body)))
    handler.end_headers()
    with contextlib.suppress(OSError):  # the reader has had enough
        handler.wfile.write(body)
    handler.close_connection = True


# --- what stands in it

_ZERO = "00000000-0000-0000-0000-000000000000"


def guid(kind: int, number: int = 0) -> str:
    return f"{kind:08}-0000-4000-8000-{number:012}"


def ref(kind: int, number: int = 0, **fields: Any) -> Row:
    return {"Ref_Key": guid(kind, number), "DeletionMark": False, **fields}


HOUSE, UNIT, POSITION, PERSON, WORK, LEAVE, KIND, CONTACT = range(1, 9)


def town(people: int = 5) -> dict[str, list[Row]]:
    """A utility of ZUP 3.1 in miniature, with what real bases hold besides: groups, marks, the empty date."""
    house, marked, positions = guid(HOUSE), {"DeletionMark": True}, ("Слесарь", "Мастер", "Химик")
    plain = {"Фамилия": "Родников", "Имя": "Лев", "ДатаРождения": "0001-01-01T00:00:00", "СтраховойНомерПФР": ""}
    return {
        "Catalog_Организации": [
            ref(HOUSE, Description="Чистая вода", ИНН="6658123451", НаименованиеПолное="ООО «Чистая вода»",
                НаименованиеСокращенное="Чистая вода"),
        ],
        "Catalog_Должности": [ref(POSITION, n, Description=name) for n, name in enumerate(positions)],
        "Catalog_ПодразделенияОрганизаций": [
            ref(UNIT, Description="Цех", Owner_Key=house, Parent_Key=_ZERO),
            ref(UNIT, 1, Description="Лаборатория", Owner_Key=house, Parent_Key=guid(UNIT)),
            {**ref(UNIT, 2, Description="Ошибка", Owner_Key=house, Parent_Key=_ZERO), **marked},
        ],
        "Catalog_ФизическиеЛица": [
            {**ref(PERSON, 900, Description="Сотрудники", Фамилия="", Имя="", Отчество="", ДатаРождения="",
                   СтраховойНомерПФР=""), "IsFolder": True},
            *(ref(PERSON, n, IsFolder=False, Description="…", Отчество=f"Ильич{n}", **plain) for n in range(people)),
            ref(PERSON, 901, IsFolder=False, Description="Кандидат Пётр", Фамилия="Кандидат", Имя="Пётр", Отчество="",
                ДатаРождения="1990-02-03T00:00:00", СтраховойНомерПФР=""),
        ],
        "Catalog_ВидыКонтактнойИнформации": [
            ref(CONTACT, 0, Description="Мобильный", PredefinedDataName="ТелефонМобильныйФизическиеЛица"),
            ref(CONTACT, 1, Description="Почта", PredefinedDataName="EMailФизическиеЛица"),
            ref(CONTACT, 2, Description="Адрес", PredefinedDataName="АдресПоПропискеФизическиеЛица"),
        ],
        "Catalog_ФизическиеЛица_КонтактнаяИнформация": [
            _contact(0, 1, 0, "8 (912) 345-67-89"), _contact(0, 2, 1, "lev@voda.example"),
            _contact(1, 1, 0, "спросить у жены"), _contact(1, 2, 2, "ул. Ленина, 1"),
        ],
        "Catalog_Сотрудники": [
            *(ref(WORK, n, Code=f"{n:04}", ФизическоеЛицо_Key=guid(PERSON, n), ГоловнаяОрганизация_Key=house)
              for n in range(people)),
        ],
        "InformationRegister_ТекущиеКадровыеДанныеСотрудников": [current(n) for n in range(people)],
        "Document_Увольнение": [_document(700, 1, ДатаУвольнения="2026-01-31T00:00:00")],
        "Document_Отпуск": [
            _document(LEAVE, 0, ДатаНачалаОсновногоОтпуска="2026-02-02T00:00:00",
                      ДатаОкончанияОсновногоОтпуска="2026-02-15T00:00:00"),
            {**_document(LEAVE, 2, ДатаНачалаОсновногоОтпуска="2026-03-02T00:00:00",
                         ДатаОкончанияОсновногоОтпуска="2026-03-03T00:00:00"), "Posted": False},
        ],
        "Document_БольничныйЛист": [_document(710, 3, ДатаНачала="2026-02-01T00:00:00", ДатаОкончания="")],
        "Document_Командировка": [],
        "Document_ОтсутствиеНаРаботе": [],
        "Catalog_ВидыОтпусков": [ref(KIND, 0, Description="Основной"), ref(KIND, 1, Description="За вредность")],
        "InformationRegister_АналитикаОстатковОтпусков": [
            balance(0, 0, "2026-02-01", 18.67), balance(0, 1, "2026-02-01", 7), balance(0, 0, "2026-01-01", 16.33),
            balance(2, 0, "2026-02-01", 3), balance(2, 0, "2026-02-01", 4),
        ],
    }  # fmt: skip


def current(number: int, **fields: Any) -> Row:
    return {
        "Сотрудник_Key": guid(WORK, number), "ТекущаяОрганизация_Key": guid(HOUSE),
        "ТекущееПодразделение_Key": guid(UNIT), "ТекущаяДолжность_Key": guid(POSITION),
        "ДатаПриема": "2020-01-09T00:00:00", "ДатаУвольнения": "0001-01-01T00:00:00", **fields,
    }  # fmt: skip


def _contact(person: int, line: int, kind: int, shown: str) -> Row:
    return {
        "Ref_Key": guid(PERSON, person), "LineNumber": str(line), "Тип": "Телефон", "Вид_Key": guid(CONTACT, kind),
        "Представление": shown,
    }  # fmt: skip


def _document(kind: int, number: int, **fields: Any) -> Row:
    return ref(kind, number, Posted=True, Сотрудник_Key=guid(WORK, number), **fields)


def balance(number: int, kind: int, day: str, days: Any) -> Row:
    return {
        "Сотрудник_Key": guid(WORK, number), "ВидЕжегодногоОтпуска_Key": guid(KIND, kind), "Дата": f"{day}T00:00:00",
        "ОстатокДней": days,
    }  # fmt: skip

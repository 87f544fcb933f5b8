"""Reference for developers that is made from what runs: who reaches what, and the interface for programs.

Called by scripts/docs.py, after Django is ready.
"""

from __future__ import annotations

from typing import Any

from provodnik.api import schema
from tests import matrix, rowwords

OPERATIONS = """# Operations of the API

Made from the OpenAPI of the code by `python scripts/docs.py write`; a test compares it. All of it, field by field, is
served by an installation: `/api/v1/openapi.json`, for people `/api/v1/docs`. How to use it: [api.md](api.md).

{groups}
"""
METHODS = ("get", "post", "put", "patch", "delete")


def _fields(document: dict[str, Any], body: dict[str, Any]) -> str:
    """Names of what a body holds; an asterisk at what must be there."""
    told = []
    for content in body.get("content", {}).values():
        shape = content.get("schema", {})
        if "$ref" in shape:
            shape = document["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
        wanted = shape.get("required", [])
        told += [f"`{name}`{'*' if name in wanted else ''}" for name in shape.get("properties", {})]
    return " ".join(dict.fromkeys(told))


def operations() -> str:
    document = schema.openapi()
    groups: dict[str, list[str]] = {}
    for path, methods in sorted(document["paths"].items()):
        for method in METHODS:
            if (one := methods.get(method)) is None:
                continue
            query = " ".join(f"`{each['name']}`" for each in one.get("parameters", ()) if each["in"] == "query")
            takes = " · ".join(part for part in (query, _fields(document, one.get("requestBody", {}))) if part)
            codes = " ".join(str(code) for code in sorted(one["responses"]))
            told = str(one.get("summary", "")).replace("|", "\\|")
            tag = str((one.get("tags") or [""])[0])
            groups.setdefault(tag, []).append(f"| `{method.upper()} {path}` | {told} | {takes} | {codes} |")
    parts = [
        "\n".join(
            [f"## {tag}", "", "| operation | what | query · body | answers |", "| --- | --- | --- | --- |", *lines]
        )
        for tag, lines in sorted(groups.items())
    ]
    return OPERATIONS.format(groups="\n\n".join(parts))


CAPABILITIES = """# Who reaches what

Made from the authorization matrix (`tests/matrix.py`, `tests/rows/`) by `python scripts/docs.py write`; a test compares
it, and `tests/test_matrix.py` asks every cell: own, foreign and missing things, safe and unsafe methods.

People: **anybody** need not sign in; **signed in** is everybody who has; requester, colleague and coordinator are of
one customer (A), other_requester and other_coordinator of another (B), ex_contact of none any more; manager, deputy and
accountant work in A. A thing is named where it matters whose it is; who is not named gets 404, who has not signed in
is sent to sign in. What an action asks besides is decided by its part's `policies.py` and said in words.

Statuses and their legal moves: [states.md](states.md).

{spaces}
"""
GROUPS = {
    "anybody": rowwords.EVERYBODY,
    "anybody ": rowwords.PEOPLE,
    "signed in": rowwords.SIGNED_IN,
    "people of customers": rowwords.CONTACTS,
    "people of A": rowwords.OF_A,
    "people of B": rowwords.OF_B,
    "the desk": rowwords.DESK,
}


def _people(names: tuple[str, ...]) -> str:
    left, told = set(names), []
    for words, group in GROUPS.items():
        if set(group) <= left:
            told.append(words.strip())
            left -= set(group)
    return ", ".join([*told, *sorted(left)]) or "nobody"


def capabilities() -> str:
    spaces: dict[str, list[str]] = {}
    for route, row in sorted(matrix.ROWS.items()):
        who = "; ".join(
            f"{thing}: {_people(people)}" if thing else _people(people) for thing, people in row.things.items()
        )
        spaces.setdefault(route.partition(":")[0], []).append(f"| `{route}` | {', '.join(row.methods)} | {who} |")
    parts = [
        "\n".join([f"## {space}", "", "| route | methods | to whom it exists |", "| --- | --- | --- |", *lines])
        for space, lines in spaces.items()
    ]
    return CAPABILITIES.format(spaces="\n\n".join(parts))

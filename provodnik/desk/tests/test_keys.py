"""The table of keys: nothing twice, nothing that does nothing, nothing that stands in the way of typing."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from django.test import Client
from django.urls import resolve

from provodnik.desk import keys
from provodnik.desk.tests.factories import SpecialistFactory

HERE = Path(__file__).resolve().parents[1]
SCRIPTS = HERE.parents[1] / "assets" / "js" / "desk"


def templates() -> str:
    return "".join(path.read_text(encoding="utf-8") for path in HERE.glob("templates/desk/workbench/*.html"))


def test_no_key_is_taken_twice():
    assert not [codes for codes, count in Counter(key.codes for key in keys.KEYS).items() if count > 1]
    firsts = {key.codes[0] for key in keys.KEYS if len(key.codes) > 1}
    assert not firsts & {key.codes[0] for key in keys.KEYS if len(key.codes) == 1}


def test_what_works_while_one_types_is_no_sign_of_a_text():
    for key in keys.KEYS:
        if key.typing:
            assert key.codes[0].startswith("Ctrl+") or key.codes[0] == "Escape", key.label


def test_every_key_has_something_to_press():
    pressed = set(re.findall(r'data-key="(\w)"', templates()))
    for key in keys.KEYS:
        if key.does in ("press", "mode"):
            assert key.arg in pressed, f"{key.shown}: {key.label}"


def test_every_name_is_a_function_of_the_script():
    source = (SCRIPTS / "keys.js").read_text(encoding="utf-8")
    table = source[source.index("const CALLS") : source.index("};", source.index("const CALLS"))]
    for key in keys.KEYS:
        if key.does == "call":
            assert re.search(rf"\b{key.arg}\b", table), key.arg


def test_every_address_is_a_page():
    for line in keys.told("ru"):
        if line["does"] == "go":
            assert resolve(line["arg"].partition("?")[0])


@pytest.mark.django_db
def test_the_page_carries_the_table(client: Client):
    client.force_login(SpecialistFactory.create())
    source = re.search(r'<script id="desk-script" type="application/json">(.*?)</script>', client.get("/desk/").text)
    assert source is not None
    told = json.loads(source[1])
    assert [line["label"] for line in told["keys"]] == [str(key.label) for key in keys.KEYS]
    assert told["urls"]["palette"] == "/desk/palette" and told["words"]["recall"] == "Вернуть"

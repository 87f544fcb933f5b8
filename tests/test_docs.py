"""The documents say what is true: rows for every clause, tests that exist, links that lead somewhere."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests import faults

ROOT = Path(__file__).resolve().parent.parent
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
CLAUSES = [f"R{n}" for n in range(1, 17)] + [f"I{n}" for n in range(1, 13)]
ROW = re.compile(r"^\|\s*(?P<id>[RI]\d+)\s*\|(?P<rest>.*)\|\s*$", re.MULTILINE)
TEST = re.compile(r"`((?:provodnik|tests)/[\w/.]+\.py)(?:::(\w+))?(?:::(\w+))?`")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


@cache
def names(path: Path) -> set[str]:
    """Functions and classes that a test file defines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
    }


def rows() -> dict[str, str]:
    text = (ROOT / "docs/regulation.md").read_text(encoding="utf-8")
    return {found["id"]: found["rest"] for found in ROW.finditer(text)}


@pytest.mark.parametrize("clause", CLAUSES)
def test_every_clause_has_a_row_with_a_living_test(clause):
    row = rows().get(clause)
    assert row is not None, f"{clause} has no row in docs/regulation.md"
    tests = TEST.findall(row)
    assert tests, f"{clause} names no test"
    for file, first, second in tests:
        path = ROOT / file
        assert path.exists(), f"{clause}: {file} does not exist"
        for name in filter(None, (first, second)):
            assert name in names(path), f"{clause}: {file} has no {name}"


@pytest.mark.parametrize("document", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document):
    for target in LINK.findall(document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_made_documents_are_fresh():
    done = subprocess.run(
        [sys.executable, "scripts/docs.py", "check"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


ABUSES = [f"A{n:02}" for n in (*range(1, 14), *range(20, 28), *range(30, 41), *range(50, 59), *range(60, 79))]
ABUSE = re.compile(r"^\|\s*(A\d\d)\s*\|(.*)\|\s*$", re.MULTILINE)
FAULTS = [f"F{n:02}" for n in range(1, 64)]
LESSON = re.compile(r"^\| (?:FreeScout|Horilla|Zammad|Znuny) CVE-(\d{4}-\d+) \| .+ \|$", re.MULTILINE)


def test_every_row_of_the_abuse_table_has_a_living_test_or_a_reason():
    text = (ROOT / "docs/safety.md").read_text(encoding="utf-8")
    found = dict(ABUSE.findall(text))
    assert list(found) == ABUSES
    for name, rest in found.items():
        tests = TEST.findall(rest)
        assert tests or "позже:" in rest or "нет такого места:" in rest, f"{name} names no test and no reason"
        for file, first, second in tests:
            assert (ROOT / file).exists(), f"{name}: {file} does not exist"
            assert {first, second} - {""} <= names(ROOT / file), f"{name}: {file} has no {first} {second}"


def test_every_fault_has_a_living_test_or_a_reason():
    table = faults.rows()
    assert list(table) == FAULTS
    text = faults.TABLE.read_text(encoding="utf-8")
    for number, _what, rest in faults.ROW.findall(text):
        assert table[number].tests or faults.UNPROVED in rest or faults.ELSEWHERE in rest, number
        for file, first, second in TEST.findall(rest):
            assert (ROOT / file).exists(), f"{number}: {file} does not exist"
            assert {first, second} - {""} <= names(ROOT / file), f"{number}: {file} has no {first} {second}"


def test_every_lesson_of_the_peers_is_a_test_named_after_it():
    listed = LESSON.findall((ROOT / "docs/safety.md").read_text(encoding="utf-8"))
    tests = {name for path in (ROOT / "tests/lessons").glob("test_*.py") for name in names(path)}
    assert len(listed) == len(set(listed)) == 39
    for one in listed:
        start = f"test_cve_{one.replace('-', '_')}_"
        assert any(name.startswith(start) for name in tests), f"CVE-{one} has no test"

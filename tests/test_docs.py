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

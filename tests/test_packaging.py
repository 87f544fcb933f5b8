"""What is installed is whole: every file that the package reads at run time is named by pyproject.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "provodnik"
# Sources, what is compiled out of them, and what only makers need: catalogues are read as .mo.
NOT_READ = {".py", ".pyc", ".po", ".pot"}


def files() -> set[str]:
    """Files beside the code, as they lie there now (built ones too), without those of tests."""
    found = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*") if path.is_file())
    return {
        path.as_posix()
        for path in found
        if path.suffix not in NOT_READ and not {"tests", "__pycache__"} & set(path.parts)
    }


def test_every_file_read_at_run_time_is_package_data() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    patterns = settings["package-data"]["provodnik"]
    packed = {path.relative_to(PACKAGE).as_posix() for pattern in patterns for path in PACKAGE.glob(pattern)}
    assert {"quality/papers/report.typ", "demo/data/people.toml"} <= files()  # the test looks where they are
    assert files() - packed == set()
    useless = [one for one in patterns if not any(PACKAGE.glob(one)) and "mo" not in one]
    assert useless == []


def test_every_folder_of_code_is_a_package() -> None:
    """setuptools finds packages by their __init__.py and leaves the others out without a word."""
    folders = {path.parent for path in PACKAGE.rglob("*.py")}
    assert {str(one.relative_to(ROOT)) for one in folders if not (one / "__init__.py").exists()} == set()

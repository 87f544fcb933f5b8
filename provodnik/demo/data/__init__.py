"""The invented world of the demo, as texts that anybody may edit (TOML, JSON)."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@cache
def toml(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def scenarios() -> list[dict[str, Any]]:
    """Every conversation that the people of the demo may have with the desk."""
    found: list[dict[str, Any]] = []
    for path in sorted((_HERE / "scenarios").glob("*.toml")):
        found += tomllib.loads(path.read_text(encoding="utf-8"))["scenario"]
    return found


def subsystems() -> list[str]:
    names: list[str] = json.loads((_HERE / "subsystems.json").read_text(encoding="utf-8"))
    return names

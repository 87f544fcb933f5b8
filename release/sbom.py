"""What a distributive is made of: CycloneDX 1.6 as JSON, from what the carried wheels and the lock of npm say."""

from __future__ import annotations

import base64
import email.parser
import hashlib
import json
import uuid
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from provodnik.lifecycle.about.licences import IN_ASSETS, is_spdx, licence_of

NAMESPACE = uuid.UUID("5a0c6bb0-6d2e-5c0e-9d4b-70726f766f64")


def sbom(version: str, commit: str, mtime: int, wheels: Sequence[Path], npm_lock: Path) -> bytes:
    """The whole document. `wheels`: the carried ones, ours left out; `npm_lock`: package-lock.json."""
    ours = {
        "type": "application",
        "bom-ref": f"pkg:generic/provodnik@{version}",
        "name": "provodnik",
        "version": version,
        "licenses": [{"expression": "Apache-2.0"}],
        "purl": f"pkg:generic/provodnik@{version}",
    }
    parts = sorted([*map(of_wheel, wheels), *of_npm(npm_lock)], key=lambda part: str(part["bom-ref"]))
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, f'{version} {commit}')}",
        "version": 1,
        "metadata": {"timestamp": datetime.fromtimestamp(mtime, UTC).isoformat(), "component": ours},
        "components": parts,
        "dependencies": [{"ref": ours["bom-ref"], "dependsOn": [part["bom-ref"] for part in parts]}],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def of_wheel(path: Path) -> dict[str, Any]:
    """A component: a wheel by its own METADATA and the sum of its file."""
    told = metadata_of(path)
    name, version = canonicalize_name(told["Name"]), told["Version"]
    purl = f"pkg:pypi/{name}@{version}?file_name={path.name}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}],
        "licenses": [licence(told)],
        "purl": purl,
    }


def metadata_of(path: Path) -> Message:
    """METADATA of a wheel."""
    with zipfile.ZipFile(path) as wheel:
        (name,) = (one for one in wheel.namelist() if one.count("/") == 1 and one.endswith(".dist-info/METADATA"))
        return email.parser.Parser().parsestr(wheel.read(name).decode("utf-8"), headersonly=True)


def licence(told: Message) -> dict[str, Any]:
    """By its identifier where SPDX has one, else by the name that its author gave it."""
    found = licence_of(told)
    return {"expression": found} if is_spdx(found) else {"license": {"name": found}}


def of_npm(lock: Path) -> list[dict[str, Any]]:
    """Components that are inside the built styles and scripts; npm's other packages only build them."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    found = []
    for name in IN_ASSETS:
        one = packages[f"node_modules/{name}"]
        algorithm, _dash, digest = one["integrity"].partition("-")
        spelt = algorithm.upper().replace("SHA", "SHA-")
        purl = f"pkg:npm/{name}@{one['version']}"
        found.append(
            {
                "type": "library",
                "bom-ref": purl,
                "name": name,
                "version": one["version"],
                "hashes": [{"alg": spelt, "content": base64.b64decode(digest).hex()}],
                "licenses": [{"expression": one["license"]}],
                "purl": purl,
            }
        )
    return found

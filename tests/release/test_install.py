"""install.sh, with the wheels of two stubs, into a folder that plays the root: no network, no accounts, no services."""

from __future__ import annotations

import ensurepip
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from release.assemble import FILES
from release.lock import Locked, requirement_lines
from release.pack import About, Member, digest, members_of, parcel, with_sums
from tests.release.test_build import KEY, MTIME, stub_wheel

PIPS = sorted(Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"))
pytestmark = [
    pytest.mark.skipif(not PIPS, reason="this Python has no bundled pip"),
    pytest.mark.skipif(not shutil.which("openssl"), reason="there is no openssl"),
]
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
SAYS = "import sys\nprint('stub', __file__)\n"


def unpacked(folder: Path, version: str, key: Ed25519PrivateKey = KEY, python: str = HERE) -> Path:
    """An unpacked distributive of two stubs."""
    wheel = stub_wheel("provodnik", version, **{"provodnik/__init__.py": "", "provodnik/__main__.py": SAYS})
    members = members_of(FILES / "parcel")
    members[f"wheels/provodnik-{version}-py3-none-any.whl"] = Member(wheel)
    members[f"wheels/{PIPS[-1].name}"] = Member(PIPS[-1].read_bytes())
    lines = requirement_lines([Locked("provodnik", version, "", [digest(wheel)])])
    members["requirements.txt"] = Member(lines.encode())
    members["release.pub"] = Member(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    platform = sysconfig.get_platform().replace("-", "_")
    about = About(version, "2026-12-20", "0" * 40, "1.0", {}, (python,), platform, False)
    folder.mkdir(exist_ok=True)
    subprocess.run(
        ["tar", "-xzf", "-", "-C", folder], input=parcel(about, with_sums(members), key=key, mtime=MTIME), check=True
    )
    return folder / f"provodnik-{version}"


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def install(tmp_path: Path) -> Run:
    def run(here: Path, *options: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "PREFIX": str(tmp_path / "root"), "PYTHON": sys.executable}
        return subprocess.run(
            [here / "install.sh", *options], env=environment, capture_output=True, text=True, check=False, timeout=300
        )

    return run


def test_it_is_put_beside_what_runs(tmp_path: Path, install: Run) -> None:
    root = tmp_path / "root"
    opt = root / "opt/provodnik"
    first = unpacked(tmp_path / "a", "1.1")
    done = install(first, "--release-only")  # what an upgrade asks for
    assert done.returncode == 0, done.stderr
    assert [path.name for path in root.iterdir()] == ["opt"]
    assert [path.name for path in opt.iterdir()] == ["releases"]

    done = install(first)
    assert done.returncode == 0, done.stderr
    assert "уже стоит" in done.stdout and "provodnik setup" in done.stdout
    assert (opt / "current").readlink() == Path("releases/1.1")
    said = subprocess.run([opt / "current/bin/provodnik", "x"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("stub") and "/releases/1.1/lib/" in said  # it was renamed, and knows where it is
    settings = root / "etc/provodnik/provodnik.env"
    assert settings.stat().st_mode & 0o777 == 0o640
    assert f"PROVODNIK_DATA_DIR={root}/var/lib/provodnik" in settings.read_text()
    assert (root / "etc/provodnik/release-keys/vendor.pub").exists()
    assert (root / "etc/systemd/system/provodnik-web.service").exists()
    assert (opt / "current/share/provodnik/release.json.sig").exists()
    settings.write_text("mine\n")

    (opt / "releases/.1.2.partial/left").mkdir(parents=True)  # by a killed installation
    second = install(unpacked(tmp_path / "b", "1.2"))
    assert second.returncode == 0 and "provodnik upgrade" in second.stdout and "Подпись верна" in second.stdout
    assert settings.read_text() == "mine\n"
    assert sorted(path.name for path in (opt / "releases").iterdir()) == ["1.1", "1.2"]
    assert (opt / "current").readlink() == Path("releases/1.1")  # R3: nothing goes over by itself


def test_what_is_refused_leaves_nothing(tmp_path: Path, install: Run) -> None:
    root = tmp_path / "root"
    stranger = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
    spoilt = unpacked(tmp_path / "spoilt", "1.1")
    with (spoilt / "requirements.txt").open("a") as file:
        file.write("\n")
    beside = unpacked(tmp_path / "beside", "1.1")
    (beside / "wheels/other-1.0-py3-none-any.whl").write_bytes(b"")
    unsigned = unpacked(tmp_path / "unsigned", "1.1")
    (unsigned / "release.json.sig").write_text("AAAA\n")
    refused = {
        "не тот": spoilt,
        "Лишний файл": beside,
        "Подпись дистрибутива неверна": unsigned,
        "Нужен Python": unpacked(tmp_path / "python", "1.1", python="3.99"),
    }
    for words, here in refused.items():
        done = install(here)
        assert done.returncode == 1 and words in done.stderr
        assert not list(root.rglob("*"))
    keys = root / "etc/provodnik/release-keys"
    keys.mkdir(parents=True)
    (keys / "vendor.pub").write_bytes((spoilt / "release.pub").read_bytes())
    done = install(unpacked(tmp_path / "stranger", "1.1", stranger))
    assert done.returncode == 1 and "не тем ключом" in done.stderr
    assert not (root / "opt").exists()
    assert install(spoilt, "--quickly").returncode == 1


def test_the_command_leaves_a_folder_that_its_account_may_not_enter(tmp_path: Path) -> None:
    """Root's home, mostly: the program works as provodnik, in the data folder then, else where it was called."""
    root, tools = tmp_path / "root", tmp_path / "tools"
    program = root / "opt/provodnik/current/bin/provodnik"
    for folder in (program.parent, root / "var/lib/provodnik", tools, tmp_path / "open", tmp_path / "closed"):
        folder.mkdir(parents=True)
    played = {
        tools / "id": "echo 0",
        tools / "getent": "true",
        tools / "runuser": 'shift 3; case "$1 $PWD" in "sh "*closed) exit 1 ;; esac; exec "$@"',
        program: 'echo "$PWD $*"',
    }
    for path, does in played.items():
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)
    command = tmp_path / "provodnik"
    text = (FILES / "parcel/provodnik.sh").read_text()
    command.write_text(text.replace("ROOT=''", f"ROOT='{root}'"))
    for folder, words, expected in (
        ("open", "manual --to x", tmp_path / "open"),
        ("closed", "manual --to x", root / "var/lib/provodnik"),
        ("closed", "restore file", tmp_path / "closed"),  # root stays itself, and reads its own files
    ):
        done = subprocess.run(
            ["sh", command, *words.split()],
            cwd=tmp_path / folder,
            env={"PATH": f"{tools}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == f"{expected} {words}\n"


def test_units_name_what_is_installed() -> None:
    units = sorted((FILES / "parcel/systemd").glob("*.service"))
    assert [path.stem for path in units] == [f"provodnik-{one}" for one in ("backup", "database", "web", "worker")]
    for path in units:
        assert f"ExecStart=/opt/provodnik/current/bin/provodnik {path.stem.partition('-')[2]}\n" in path.read_text()
    hardening = (FILES / "parcel/systemd/provodnik-.service.d/hardening.conf").read_text()
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes", "CapabilityBoundingSet=\n"):
        assert line in hardening

"""Every setting of an installation, in one typed class.

A setting is an environment variable `PROVODNIK_<NAME>` (or a line of the file that PROVODNIK_ENV_FILE names).
All mistakes are told at once, in words: `load()` raises `SettingsError` with one line a mistake.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from provodnik.core.clamd import place_of
from provodnik.lifecycle.words import words_of

_ = words_of("config")
MINIMUM_SECRET_LENGTH = 32
PG_BIN = "PROVODNIK_PG_BIN"


class SettingsError(Exception):
    """The settings are wrong; `mistakes` holds one sentence for each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class Environment(BaseSettings):
    """What an administrator may set. Sizes are in mebibytes, times in seconds, as each description says."""

    model_config = SettingsConfigDict(
        env_prefix="PROVODNIK_", env_file=os.environ.get("PROVODNIK_ENV_FILE"), extra="ignore"
    )

    data_dir: Path = Field(Path(".data"), description="Folder of files, of the secret and of the private PostgreSQL.")
    secret_key: str = Field("", description="Signs sessions and links. Empty: made once and kept in the data folder.")
    database_url: str = Field("", description="postgresql://… of a PostgreSQL 14+. Empty: the private one is started.")
    base_url: str = Field(
        "http://127.0.0.1:8000", description="The address people open; links in letters begin with it."
    )
    allowed_hosts: Annotated[list[str], NoDecode] = Field(
        [], description="More host names that may be asked for, besides that of the base URL."
    )
    trusted_proxies: Annotated[list[str], NoDecode] = Field(
        [], description="Addresses of reverse proxies whose X-Forwarded-For is believed."
    )
    time_zone: str = Field("Europe/Moscow", description="IANA zone in which times are shown.")
    debug: bool = Field(False, description="Tracebacks in the browser. Never at a customer's.")
    demo: bool = Field(False, description="The demo: invented people, a mail page, the gallery.")
    gallery: bool = Field(False, description="Show the gallery of components at /gallery/.")
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the web server listens on.")
    web_workers: int = Field(2, ge=1, le=64, description="Web processes.")
    web_threads: int = Field(
        4, ge=1, le=32, description="Threads of a web process; each may hold one database connection."
    )
    database_prepared: bool = Field(
        True, description="Keep statements prepared; 0 behind a pooler that gives each transaction another connection."
    )
    worker_concurrency: int = Field(4, ge=1, le=32, description="Jobs that the worker runs side by side.")
    worker_patience: int = Field(
        15, ge=2, le=600, description="Seconds without a sign of life after which a worker's jobs go to another."
    )
    upload_limit: int = Field(25, ge=1, le=1024, description="Largest file of an upload or a letter, MiB.")
    files_limit: int = Field(10, ge=1, le=100, description="Files that one message may carry.")
    daily_files: int = Field(500, ge=0, description="Files that one person may send in a day; 0: as many as he likes.")
    daily_volume: int = Field(
        2048, ge=0, description="MiB that the files of one person may take in a day; 0: as much as he likes."
    )
    mail_poll: int = Field(20, ge=1, le=3600, description="Seconds between looks into a mailbox.")
    reply_hold: int = Field(
        10, ge=0, le=60, description="Seconds in which a specialist may take an answer back; 0: it goes at once."
    )
    works_notice: int = Field(
        48, ge=0, le=2160, description="Hours before planned works by which they must be announced; later asks why."
    )
    status_page: bool = Field(True, description="Show the public status page at /status to anybody, without sign-in.")
    scanner: str = Field(
        "", description="Antivirus that kept files are shown to: unix:/run/clamav/clamd.ctl or tcp://host:3310 (clamd)."
    )
    scan_patience: int = Field(60, ge=1, le=600, description="Seconds that the antivirus has for one file.")
    unscanned: str = Field(
        "give",
        pattern="^(give|hold)$",
        description="What is not scanned yet, or could not be: give it out with a mark, or hold it back: give or hold.",
    )
    ca_file: Path | None = Field(None, description="PEM file of the organisation's own certificate authority.")
    outbound_allowed: Annotated[list[str], NoDecode] = Field(
        [], description="Hosts and networks inside that webhooks may reach; without it only the public internet."
    )
    exchange_dir: Path | None = Field(
        None,
        description="Folder of the exchange with 1C, a subfolder for each base. Empty: exchange in the data folder.",
    )
    api_rate: int = Field(600, ge=1, le=100_000, description="Requests a minute that one API token may make.")
    metrics_token: str = Field(
        "", description="Who brings it as «Authorization: Bearer …» reads /metrics; empty: there is no /metrics."
    )
    log_format: str = Field(
        "text", pattern="^(text|json)$", description="Lines of the log for people or for a collector: text or json."
    )
    backup_dir: Path | None = Field(None, description="Folder of backups. Empty: backups in the data folder.")
    backup_key: Path | None = Field(
        None, description="File with a public key (provodnik backup-key) or a password by which backups are encrypted."
    )
    backup_keep: Annotated[list[int], NoDecode] = Field(
        [7, 4, 6], min_length=3, max_length=3, description="Backups that stay: of how many days, weeks and months."
    )
    backup_age: int = Field(
        30, ge=1, le=8760, description="Hours after which doctor says that the last good backup is too old."
    )
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="DEBUG, INFO, WARNING or ERROR.")

    @field_validator("backup_keep", mode="before")
    @classmethod
    def _numbers(cls, value: object) -> object:
        """`7, 4, 6` as an administrator writes it, not JSON."""
        return value.replace(",", " ").split() if isinstance(value, str) else value

    @field_validator("backup_keep")
    @classmethod
    def _not_negative(cls, value: list[int]) -> list[int]:
        if min(value, default=0) < 0:
            raise ValueError(_("must be three numbers, such as 7, 4, 6"))
        return value

    @field_validator("allowed_hosts", "trusted_proxies", "outbound_allowed", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        """`a, b` as an administrator writes it, not JSON."""
        return [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value

    @field_validator("secret_key", "metrics_token")
    @classmethod
    def _strong(cls, value: str) -> str:
        if value and len(value) < MINIMUM_SECRET_LENGTH:
            raise ValueError(_("must have at least %(count)s characters") % {"count": MINIMUM_SECRET_LENGTH})
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(_("is no time zone of the IANA list, such as Europe/Moscow")) from error
        return value

    @field_validator("base_url")
    @classmethod
    def _http(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")) or not value.split("://", 1)[1].strip("/"):
            raise ValueError(_("must look like https://portal.example.ru"))
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, value: str) -> str:
        if value and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError(_("must begin with postgresql://"))
        return value

    @field_validator("scanner")
    @classmethod
    def _clamd(cls, value: str) -> str:
        if value:
            try:
                place_of(value)
            except ValueError as error:
                raise ValueError(_("must look like unix:/run/clamav/clamd.ctl or tcp://127.0.0.1:3310")) from error
        return value

    def secret(self) -> str:
        """The secret key, made and kept in the data folder (mode 0600) on first use when none is set."""
        if self.secret_key:
            return self.secret_key
        path = self.data_dir / "secret.key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            temporary = self.data_dir / f".secret.key.{os.getpid()}"
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(temporary, path)  # the first of two starting processes wins
            except FileExistsError:
                pass
            finally:
                temporary.unlink()
        return path.read_text().strip()


def in_words(mistake: ErrorDetails) -> str:
    """What pydantic found, as a person would say it. The value itself is not repeated: it may be a secret."""
    bounds: dict[str, Any] = mistake.get("ctx", {})
    match mistake["type"]:
        case "value_error":
            return mistake["msg"].removeprefix("Value error, ")
        case "int_parsing" | "int_from_float":
            return _("must be a whole number")
        case "greater_than_equal":
            return _("must be at least %(bound)s") % {"bound": bounds["ge"]}
        case "less_than_equal":
            return _("must be at most %(bound)s") % {"bound": bounds["le"]}
        case "bool_parsing":
            return _("must be 1 or 0")
        case "string_pattern_mismatch":
            return _("must be one of: %(choices)s") % {"choices": bounds["pattern"].strip("^()$").replace("|", ", ")}
    return mistake["msg"]


def _told(error: ValidationError) -> list[str]:
    mistakes = []
    for mistake in error.errors():
        name = "PROVODNIK_" + "_".join(str(part) for part in mistake["loc"]).upper()
        mistakes.append(f"{name} {in_words(mistake)}")
    return mistakes


def load() -> Environment:
    """Read the environment. Raises SettingsError naming every mistake."""
    _adopt()
    try:
        return Environment()
    except ValidationError as error:
        raise SettingsError(_told(error)) from error


def mistakes_of(settings: Mapping[str, str]) -> list[str]:
    """What is wrong with these settings (whole names → values), whatever else is set around us."""
    unknown = [
        _("%(name)s is no setting") % {"name": name} for name in settings if name not in names() and name != PG_BIN
    ]
    values: dict[str, Any] = {
        name.removeprefix("PROVODNIK_").lower(): value for name, value in settings.items() if name in names()
    }
    try:
        Environment(_env_file=None, **values)
    except ValidationError as error:
        return unknown + [one for one in _told(error) if one.partition(" ")[0] in settings]
    return unknown


def names() -> set[str]:
    """Whole names of all settings."""
    return {f"PROVODNIK_{name.upper()}" for name in Environment.model_fields}


def _of_the_file() -> dict[str, str | None]:
    path = os.environ.get("PROVODNIK_ENV_FILE")
    return dotenv_values(path, interpolate=False) if path else {}


def _adopt() -> None:
    """What is asked of the environment before there are settings may stand in the file as well."""
    if PG_BIN not in os.environ and (found := _of_the_file().get(PG_BIN)):
        os.environ[PG_BIN] = found


def unknown_variables() -> list[str]:
    """Names that begin with PROVODNIK_ and mean nothing here: most often a misspelling."""
    known = names()
    known |= {
        "PROVODNIK_ENV_FILE",
        PG_BIN,
        "PROVODNIK_TEST_FSYNC",
        "PROVODNIK_DEMO_SMTP_PORT",
    }
    return sorted(
        name for name in {*os.environ, *_of_the_file()} if name.startswith("PROVODNIK_") and name not in known
    )

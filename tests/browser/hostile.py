"""A world whose every word was written by somebody hostile: in each table of the house, every column that holds words.

The words go into the tables past the actions, so that nothing on the way makes them harmless: what a page shows of them
must be harmless by the page. What is no word (a name of a time zone, an address that a program reads, a digest) stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import cycle
from typing import Any

from django.apps import apps
from django.db import connection, models

from tests.vectors import SCRIPTS

UNIQUE = models.UniqueConstraint
SHORTEST = 40  # characters: what is shorter is a code, not somebody's words
MOST = 800  # characters of one text: some ten vectors
# Columns of text that programs read.
NO_WORDS = {
    "about", "address", "address_key", "asked", "body", "content_id", "content_type", "device", "digest", "folder",
    "html", "imap_host", "imap_secret", "imap_username", "in_reply_to", "key", "kind", "kinds", "login", "message_id",
    "issuer", "servers", "ca", "bind_secret", "client_secret_sealed", "secret_sealed",
    "password_sealed",
    "nonce", "norm", "password", "prefix", "recipient", "references", "reply_to", "scope", "sealed",
    "sealed_previous", "session_data", "session_key", "sha256", "smtp_host", "smtp_secret", "smtp_username",
    "snils_digest", "snils_sealed", "sort_key", "stem", "thing", "turns", "url", "zone", "content_hash",
}  # fmt: skip
NAMES = {"name", "release", "room", "source", "external", "number"}  # words, however short
NO_TABLES = {"Blob", "OrganisationRule"}  # contents by their digest, choices by our own codes: no words
WORDS_WITHIN = {"JournalEntry": "data", "TicketEvent": "data", "WorkEvent": "data", "DryRun": "report"}


def _columns(model: type[models.Model]) -> Iterator[tuple[str, int, bool]]:
    """Each column of words, its room, and whether two rows may not say the same."""
    kept = str([(one.fields, one.expressions) for one in model._meta.constraints if isinstance(one, UNIQUE)])
    for one in model._meta.concrete_fields:
        if type(one) not in (models.CharField, models.TextField) or one.choices or one.primary_key:
            continue
        length = one.max_length or MOST
        if one.name not in NO_WORDS and (length >= SHORTEST or (one.name in NAMES and length > 10)):
            yield one.column, min(length, MOST), one.unique or f"'{one.name}'" in kept or f"({one.name})" in kept


class Words:
    """Vectors one after another, as many at once as find room."""

    def __init__(self) -> None:
        self.vectors = cycle(one.replace("\x00", "") for one in SCRIPTS)
        self.used: set[str] = set()

    def of(self, room: int) -> str:
        between = "\n" if room > MOST // 2 else " "
        told = ""
        for _try in range(len(SCRIPTS)):
            vector = next(self.vectors)
            longer = f"{told}{between}{vector}" if told else vector
            if len(longer) <= room:
                told = longer
                self.used.add(vector)
            elif told:
                break
        return told

    def within(self, value: Any) -> Any:
        """The same in JSON: what reads like somebody's words is replaced, codes and numbers stay."""
        if isinstance(value, dict):
            return {name: self.within(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.within(one) for one in value]
        if isinstance(value, str) and any("а" <= letter <= "я" for letter in value.lower()):
            return self.of(120)
        return value


def overwrite() -> set[str]:
    """Everybody's words by vectors; which of them were used."""
    words = Words()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the end of a transaction
    for model in apps.get_models():
        if model.__module__.startswith("provodnik.") and model.__name__ not in NO_TABLES:
            _overwrite(model, words)
    return words.used


def _overwrite(model: type[models.Model], words: Words) -> None:
    table, columns = model._meta.db_table, list(_columns(model))
    inside = WORDS_WITHIN.get(model.__name__)
    if not columns and not inside:
        return
    key = model._meta.pk.column
    rows: Any = model._default_manager.order_by().values("pk", *([inside] if inside else ()))
    with connection.cursor() as cursor:
        # what is written once is kept so by triggers
        cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        for row in list(rows):
            filled = {
                name: f"{row['pk']} {words.of(room - 8)}" if alone else words.of(room) for name, room, alone in columns
            }
            if model.__name__ == "Delivery":
                filled["body"] = json.dumps({"details": {"subject": words.of(MOST)}})
            if inside:
                filled[inside] = models.JSONField().get_db_prep_value(words.within(row[inside]), connection)
            put = ", ".join(f'"{column}" = %s' for column in filled)
            cursor.execute(f'UPDATE "{table}" SET {put} WHERE "{key}" = %s', [*filled.values(), row["pk"]])
        cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')

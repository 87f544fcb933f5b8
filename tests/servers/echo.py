"""An application that says what reached it, for asking the web server in front of it (tests/test_smuggling.py)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from provodnik.lifecycle.gateway import Gateway

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Reads as much of a body as Django does: what Content-Length says; nothing at all under /unread. Under /file it
    sends this file, under /long sixteen megabytes as they are made."""
    if environ["PATH_INFO"] == "/file":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return environ["wsgi.file_wrapper"](Path(__file__).open("rb"))
    if environ["PATH_INFO"] == "/long":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return (b"%07d\n" % number * 128 for number in range(16 * 1024))
    length = environ.get("CONTENT_LENGTH") or "0"
    said = b""
    if length.isdecimal() and not environ["PATH_INFO"].startswith("/unread"):
        said = environ["wsgi.input"].read(min(int(length), 100_000))
    seen = {
        "path": environ["PATH_INFO"],
        "method": environ["REQUEST_METHOD"],
        "length": length,
        "body": said.decode("latin-1"),
        "headers": {name: value for name, value in environ.items() if name.startswith("HTTP_")},
    }
    body = json.dumps(seen).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


gateway = Gateway(application, threads=2, largest=100_000)
hasty = Gateway(application, threads=2, largest=100_000, silence=0.3)

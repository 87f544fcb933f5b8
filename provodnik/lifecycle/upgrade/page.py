"""What people see while their installation is being upgraded: what goes on, since when; 503 with Retry-After, so that
programs come again and search engines do not take it for the portal.

    python -m provodnik.lifecycle.upgrade.page HOST PORT WORDS
"""

from __future__ import annotations

import html
import http.server
import signal
import sys
import threading
from datetime import datetime

from provodnik.lifecycle.words import gettext as _

RETRY_AFTER = 15  # seconds

_PAGE = """<!DOCTYPE html>
<html lang="ru"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="{retry}"><meta name="robots" content="noindex"><title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 1.0625rem/1.5 "Golos Text", system-ui, sans-serif; }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }}
main {{ max-width: 32rem; padding: 2rem 1.5rem; }} h1 {{ font-size: 1.5rem; line-height: 1.25; margin: 0 0 .75rem; }}
p {{ margin: 0 0 .75rem; }} small {{ opacity: .75; }}
</style></head><body><main><h1>{title}</h1><p>{what}</p><p>{calm}</p><p><small>{since}</small></p></main></body></html>
"""


def page(what: str, since: datetime) -> bytes:
    """The whole page; nothing on it comes from anywhere else."""
    words = {
        "title": _("The portal is being updated"),
        "what": what,
        "calm": _("Nothing is lost. The page opens by itself when it is ready."),
        "since": _("Since %(at)s.") % {"at": since.strftime("%H:%M")},
    }
    escaped = {name: html.escape(text) for name, text in words.items()}
    return _PAGE.format(retry=RETRY_AFTER, **escaped).encode()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


def server(host: str, port: int, what: str, since: datetime) -> Server:
    """Answers everything with the page."""
    content = page(what, since)

    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = 10
        server_version, sys_version = "provodnik", ""

        def answer(self) -> None:
            self.close_connection = True
            self.send_response(503)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Retry-After", str(RETRY_AFTER))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Connection", "close")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

        def log_message(self, format: str, *arguments: object) -> None:
            """Addresses carry personal data."""

    return Server((host, port), Handler)


def main(host: str, port: str, what: str) -> None:
    serving = server(host, int(port), what, datetime.now().astimezone())
    signal.signal(signal.SIGTERM, lambda _signum, _frame: threading.Thread(target=serving.shutdown).start())
    serving.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main(*sys.argv[1:4])

"""Takes the pictures of the manuals: `python -m tests.manual.taking [NAME …]`.

A private PostgreSQL in a folder that is removed, the small demo loaded at `recipes.MOMENT`, the clock standing there,
the house's own pages without the demo's lines, Chromium. Each picture is kept as WebP, which Chromium itself makes.
"""

from __future__ import annotations

import base64
import os
import sys
import tempfile
import threading
from importlib import import_module
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import time_machine

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "provodnik" / "manual" / "static" / "manual"
QUALITY = 0.82
HIDE = "one => one.style.setProperty('display', 'none')"
# The folder of this run as the one where data lie on a customer's machine.
AS_INSTALLED = """folder => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const one = texts.currentNode;
        if (one.data.includes(folder)) one.data = one.data.replaceAll(folder, '/var/lib/provodnik');
    }
}"""
FRAME = "3px solid #c2410c"


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main(names: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101
        os.environ |= {
            "PROVODNIK_DATA_DIR": f"{folder}/data",
            "PROVODNIK_DEMO": "1",
            "PROVODNIK_DEMO_SMTP_PORT": "2599",
            "PROVODNIK_BASE_URL": "http://127.0.0.1",
            "PROVODNIK_LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "provodnik.config.settings",
            "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
        }
        from provodnik.lifecycle.postgres import EmbeddedPostgres

        server = EmbeddedPostgres(Path(folder) / "data")
        os.environ["PROVODNIK_DATABASE_URL"] = server.start()
        try:
            return _taken(names)
        finally:
            server.stop()


def _taken(names: list[str]) -> int:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import translation

    from provodnik.core import parts
    from provodnik.demo.load import load
    from tests.manual import recipes

    call_command("migrate", verbosity=0)
    with translation.override("ru"), time_machine.travel(recipes.MOMENT, tick=True):
        load(say, now=recipes.MOMENT, small=True)
        settings.DEMO = False
        settings.PARTS.remove("provodnik.demo.module.PART")
        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        parts.parts.cache_clear()
        wanted = [one for one in recipes.RECIPES if not names or one.name in names]
        return Studio(_serve()).take(wanted)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def _serve() -> str:
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.wsgi import get_wsgi_application

    server = make_server("127.0.0.1", 0, StaticFilesHandler(get_wsgi_application()), handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


class Studio:
    def __init__(self, base: str) -> None:
        self.base = base

    def take(self, wanted: list[Any]) -> int:
        from playwright.sync_api import sync_playwright

        from tests.chromium import ARGUMENTS, CHROMIUM

        FOLDER.mkdir(parents=True, exist_ok=True)
        with sync_playwright() as tool:
            browser = tool.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            darkroom = browser.new_page()
            failed = 0
            for one in wanted:
                try:
                    dots = self.one(browser, one)
                except Exception as error:
                    say(f"{one.name}: {error}")
                    failed += 1
                    continue
                (FOLDER / f"{one.name}.webp").write_bytes(_webp(darkroom, dots))
                say(f"{one.name}: {(FOLDER / f'{one.name}.webp').stat().st_size // 1024} KB")
            browser.close()
        return 1 if failed else 0

    def one(self, browser: Any, recipe: Any) -> bytes:
        from tests.manual.recipes import DESKTOP, PHONE

        width, height = PHONE if recipe.phone else DESKTOP
        context = browser.new_context(
            base_url=self.base,
            viewport={"width": width, "height": max(recipe.height, height) if recipe.of else recipe.height},
            device_scale_factor=2 if recipe.phone else 1,
            is_mobile=recipe.phone,
            has_touch=recipe.phone,
            locale="ru-RU",
            timezone_id="Europe/Moscow",
            color_scheme="light",
        )
        try:
            if recipe.who:
                context.add_cookies([_session(recipe.who, self.base)])
            page = context.new_page()
            last = recipe.address(lambda address: context.request.get(address).text())
            answer = page.goto(last)
            assert answer is not None and answer.status == 200, f"{last} answers {answer and answer.status}"
            page.wait_for_load_state("networkidle")
            page.evaluate("() => document.fonts.ready")
            page.evaluate(f"() => document.querySelectorAll('.banner-line').forEach({HIDE})")
            page.evaluate(AS_INSTALLED, os.environ["PROVODNIK_DATA_DIR"])
            if recipe.at:
                found = page.locator(recipe.at).first
                found.evaluate(
                    "(one, frame) => { one.style.outline = frame; one.style.outlineOffset = '4px'; "
                    "one.style.borderRadius ||= '6px' }",
                    FRAME,
                )
            if not recipe.of:
                return bytes(page.screenshot())
            box = page.locator(recipe.of).first.bounding_box()
            assert box is not None
            clip = {
                "x": max(0, box["x"]),
                "y": max(0, box["y"]),
                "width": min(box["width"], width - max(0, box["x"])),
                "height": min(box["height"], recipe.height),
            }
            return bytes(page.screenshot(clip=clip, full_page=True))
        finally:
            context.close()


def _session(login: str, base: str) -> dict[str, str]:
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from provodnik.accounts.models import User

    user = User.objects.get(login=login)
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return {"name": settings.SESSION_COOKIE_NAME, "value": store.session_key, "url": base}


def _webp(page: Any, dots: bytes) -> bytes:
    """The same dots as WebP, by the canvas of the browser."""
    made = page.evaluate(
        """async ([source, quality]) => {
            const picture = new Image();
            picture.src = 'data:image/png;base64,' + source;
            await picture.decode();
            const canvas = document.createElement('canvas');
            canvas.width = picture.naturalWidth;
            canvas.height = picture.naturalHeight;
            canvas.getContext('2d').drawImage(picture, 0, 0);
            return canvas.toDataURL('image/webp', quality).split(',')[1];
        }""",
        [base64.b64encode(dots).decode(), QUALITY],
    )
    return base64.b64decode(made)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

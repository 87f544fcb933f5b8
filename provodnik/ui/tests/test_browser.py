"""The gallery in Chromium: no accessibility violations, no sideways scroll, and a script that does what it promises.

Pages reach the browser without a server: every request is answered from the view and the static files, with the same
strict Content-Security-Policy as in life.
"""

import json
import mimetypes
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.http import Http404
from django.test import RequestFactory, override_settings
from django.utils import timezone, translation

from provodnik.ui import views

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[3]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
HOST = "http://gallery.test"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Colours on their way from one theme to the other are neither's: by the second frame they have arrived.
ASK_AXE = """async (tags) => {
  await document.fonts.ready;
  const moving = document.getAnimations().filter(one => Number.isFinite(one.effect?.getComputedTiming().endTime));
  await Promise.allSettled(moving.map(one => one.finished));
  await new Promise(go => requestAnimationFrame(() => requestAnimationFrame(go)));
  const told = await axe.run(document, {runOnly: tags});
  return told.violations.map(v => [v.id, v.nodes.map(n => n.html)]);
}"""
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "object-src 'none'; base-uri 'none'"
)


def answer(route):
    """A page of the gallery, a static file, or 404."""
    path = urlsplit(route.request.url).path
    if path.startswith("/static/"):
        found = finders.find(path.removeprefix("/static/"))
        if not found:
            return route.fulfill(status=404, body="")
        kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
        return route.fulfill(path=found, content_type=kind)
    with override_settings(PROVODNIK_GALLERY=True), timezone.override("Europe/Moscow"), translation.override("ru"):
        try:
            response = views.gallery_page(RequestFactory().get(path), path.strip("/") or "cabinet")
        except Http404:
            return route.fulfill(status=404, body="")
    return route.fulfill(
        body=response.content.decode(),
        content_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": POLICY},
    )


@pytest.fixture
def open_page(browser):
    contexts = []

    def opened(name="", width=1440, theme="light", **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, **options)
        contexts.append(context)
        context.route("**/*", answer)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.goto(f"{HOST}/{name}")
        return page

    yield opened
    for context in contexts:
        context.close()


WIDTHS, THEMES = (390, 1440), ("light", "dark")


@pytest.mark.parametrize("name", sorted(views.PAGES))
def test_nothing_for_axe_to_say_and_no_sideways_scroll(open_page, name):
    """In both widths and both themes; between them no width scrolls either. A page is opened for it once."""
    page = open_page(name, WIDTHS[0])
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            assert page.evaluate(ASK_AXE, TAGS) == [], (width, theme)
    for width in (360, *WIDTHS, 768, 1024):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, width
    assert page.complaints == []


@pytest.mark.parametrize("name", ["cabinet", "workbench"])
def test_a_finger_finds_every_control(open_page, name):
    page = open_page(name, 390)
    small = page.evaluate(
        """() => [...document.querySelectorAll(
            '.btn, .icon-button, .menu-item, .row-link, .rail-link, .choice, .chip, .mode-tab')]
        .filter(n => n.offsetParent && n.getBoundingClientRect().height < 43.5).map(n => n.outerHTML.slice(0, 120))"""
    )
    assert small == []


def test_an_error_summary_takes_the_focus(open_page):
    page = open_page()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"


def test_what_was_typed_comes_back_and_is_forgotten_when_done(open_page):
    page = open_page()
    page.fill("#free_text", "Пропадают показания")
    page.locator("[data-draft-status]").filter(has_text="Черновик").wait_for()
    page.reload()
    assert page.input_value("#free_text") == "Пропадают показания"
    # the receipt of a fragment says that the server has it
    page.evaluate(
        """() => { const done = document.createElement('p'); done.dataset.draftDone = 'gallery';
        const main = document.querySelector('main'); main.append(done);
        htmx.trigger(main, 'htmx:load', {elt: main}); }"""
    )
    page.reload()
    assert page.input_value("#free_text") == ""


def test_two_presses_send_once(open_page):
    page = open_page()
    page.evaluate(
        """() => { window.sent = 0; const form = document.querySelector('form[data-once]'); form.noValidate = true;
        form.addEventListener('submit', e => { window.sent += 1; e.preventDefault(); });
        const button = form.querySelector('button:not([type=button])');
        form.requestSubmit(button); form.requestSubmit(button); }"""
    )
    assert page.evaluate("window.sent") == 1
    page.wait_for_selector("form[data-once] button[aria-busy=true]")


def test_a_dangerous_button_asks_and_escape_means_no(open_page):
    page = open_page()
    page.evaluate(
        "window.done = 0; document.querySelector('.btn-danger').addEventListener('click', () => window.done += 1)"
    )
    page.click(".btn-danger")
    dialog = page.locator("#confirm")
    assert dialog.is_visible() and "приказ о приёме.pdf" in dialog.inner_text()
    page.keyboard.press("Escape")
    assert page.evaluate("window.done") == 0 and not dialog.is_visible()
    page.click(".btn-danger")
    page.click("#confirm [data-confirm-yes]")
    assert page.evaluate("window.done") == 1


def test_a_menu_closes_by_escape_and_gives_the_focus_back(open_page):
    page = open_page()
    summary = page.locator("details[data-menu] summary").first
    summary.click()
    assert page.locator("details[data-menu][open]").count() == 1
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    assert page.locator("details[data-menu][open]").count() == 0
    assert summary.evaluate("node => node === document.activeElement")


def test_files_are_limited_in_words_and_removal_can_be_undone(open_page):
    page = open_page()
    zone = page.locator("[data-drop]").first
    zone.evaluate("node => { node.dataset.maxBytes = 2000; node.dataset.maxFiles = 2; }")
    files = [
        {"name": "снимок.png", "mimeType": "image/png", "buffer": b"x" * 500},
        {"name": "большой.bin", "mimeType": "application/octet-stream", "buffer": b"x" * 3000},
        {"name": "пустой.txt", "mimeType": "text/plain", "buffer": b""},
    ]
    zone.locator("input[type=file]").set_input_files(files)
    assert zone.locator(".drop-file").count() == 1
    words = zone.locator("[data-drop-error]").inner_text()
    assert "«большой.bin» весит 3" in words and "«пустой.txt» пустой" in words
    zone.get_by_label("Убрать снимок.png").click()
    assert zone.locator("input[type=file]").evaluate("node => node.files.length") == 0
    page.locator("#toasts").get_by_text("Вернуть").click()
    assert zone.locator("input[type=file]").evaluate("node => node.files.length") == 1


def test_a_screenshot_is_pasted(open_page):
    page = open_page()
    page.evaluate(
        """() => { const data = new DataTransfer(); data.items.add(new File(['x'], 'image.png', {type: 'image/png'}));
        const event = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
        document.querySelector('#free_text').dispatchEvent(event); }"""
    )
    assert page.locator("[data-drop] .drop-file").first.inner_text().startswith("снимок экрана 20")


def test_clocks_move_with_the_page(open_page):
    page = open_page("workbench")
    before = page.locator("time[data-tick=bare]").first.inner_text()
    page.evaluate(
        """() => { const real = Date.now; Date.now = () => real() + 65 * 60000;
        document.dispatchEvent(new Event('visibilitychange')); }"""
    )
    after = page.locator("time[data-tick=bare]").first.inner_text()
    assert before.startswith("3") and after.startswith("2\u00a0ч")


@pytest.mark.parametrize("name", ["cabinet", "conversation"])
def test_without_script_the_page_is_whole(open_page, name):
    page = open_page(name, 390, java_script_enabled=False)
    assert page.locator("h1").is_visible()
    assert page.locator("input[type=file]").first.is_visible() or name == "conversation"
    assert not page.locator(".js-only").first.is_visible() if page.locator(".js-only").count() else True


def test_weight_of_the_script_and_the_sheet():
    import gzip

    weigh = {
        name: len(gzip.compress(Path(finders.find(f"built/{name}")).read_bytes())) for name in ("app.js", "app.css")
    }
    assert weigh["app.js"] < 45_000, json.dumps(weigh)
    assert weigh["app.css"] < 25_000, json.dumps(weigh)

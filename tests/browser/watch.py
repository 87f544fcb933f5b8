"""Whether anything of what strangers wrote runs on a page, or would when pressed (safety A04)."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from playwright.sync_api import Page, Response

# Links, forms and frames that would run or lead away by themselves.
DANGEROUS = """() => [...document.querySelectorAll('*')].flatMap(one => {
  const wrong = [...one.attributes].filter(a => a.name.startsWith('on')
    || (['href', 'src', 'action', 'formaction', 'data', 'xlink:href'].includes(a.name)
        && /^[\\s\\x00-\\x1f]*(javascript|vbscript|data:text)/i.test(a.value)));
  return wrong.map(a => `${one.tagName} ${a.name}=${a.value}`);
})"""


class _Attributes(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "base", "form", "style", "svg", "math"):
            self.wrong.append(tag)
        for name, value in attrs:
            scheme = re.match(r"[\s\x00-\x1f]*(javascript|vbscript|data:text)", value or "", re.IGNORECASE)
            if name.startswith(("on", "hx-", "x-")) or (scheme and name in ("href", "src", "action", "formaction")):
                self.wrong.append(f"{tag} {name}={value}")


def dangerous_in(text: str) -> list[str]:
    """What of a page would run or lead away, by its source."""
    reader = _Attributes()
    reader.feed(text)
    return reader.wrong


class Watch:
    """Opens pages and writes down whatever of them ran or would run when pressed."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.ran: list[str] = []
        self.told = 0  # pages that say something of the vectors, as words
        page.on("dialog", lambda dialog: (self.ran.append(f"dialog on {page.url}"), dialog.dismiss()))

    def look(self, address: str) -> None:
        response = self.page.goto(address)
        if response is None or response.status != 200:
            self.ran.append(f"{address}: {response and response.status}")
        else:
            self.answered(address, response)

    def answered(self, address: str, response: Response) -> None:
        """The page that has just come."""
        if "sandbox" in response.headers["content-security-policy"]:
            # No script runs there at all, not even the question whether one ran.
            self.ran.extend(f"{address}: {each}" for each in dangerous_in(response.text()))
        else:
            self.seen(address)

    def seen(self, address: str) -> None:
        """The page as it stands."""
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.told += "__ran" in self.page.text_content("body")
        for frame in self.page.frames:
            if frame.evaluate("() => window.__ran === 1"):
                self.ran.append(f"script on {address}")
            self.ran.extend(f"{address}: {each}" for each in frame.evaluate(DANGEROUS))

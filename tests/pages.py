"""What of a page a browser would run, load from elsewhere or send away: found by reading its HTML."""

from __future__ import annotations

from html.parser import HTMLParser

# Attributes that name an address which is loaded, run or gone to.
_ADDRESSES = ("href", "src", "srcset", "action", "formaction", "data", "poster", "background", "ping", "xlink:href")
_LOADED = ("img", "script", "iframe", "link", "source", "video", "audio", "embed", "object", "image", "use", "input")
_DATA_SCRIPTS = ("application/json", "application/ld+json")  # types that no browser runs


class _Reader(HTMLParser):
    def __init__(self, own: str) -> None:
        super().__init__(convert_charrefs=True)
        self.own = own
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and not given.get("src") and given.get("type") not in _DATA_SCRIPTS:
            self.found.append("<script>")
        if tag in ("style", "base", "object", "embed", "iframe", "applet"):
            self.found.append(f"<{tag}>")
        if tag == "meta" and "refresh" in given.get("http-equiv", "").lower():
            self.found.append("<meta refresh>")
        for name, value in given.items():
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.found.append(f"{tag} {name}={value[:60]}")
            if name in _ADDRESSES:
                self._address(tag, name, "".join(value.split()).lower())

    handle_startendtag = handle_starttag

    def _address(self, tag: str, name: str, value: str) -> None:
        scheme = value.partition(":")[0] if ":" in value.partition("/")[0] else ""
        if scheme in ("javascript", "vbscript") or (scheme == "data" and not value.startswith("data:image/")):
            self.found.append(f"{tag} {name}={value[:60]}")
        elsewhere = scheme in ("http", "https") or value.startswith(("//", "/\\", "\\"))
        if elsewhere and not value.startswith(self.own) and (tag in _LOADED or name in ("action", "formaction")):
            self.found.append(f"{tag} {name}={value[:60]}")


def active(html: str, own: str = "https://our.own.example/") -> list[str]:
    """Scripts, styles and handlers that stand in the HTML itself, frames, and what is loaded from or sent to another
    host. [] for a page that our policy lets through whole."""
    reader = _Reader(own)
    reader.feed(html)
    reader.close()
    return reader.found

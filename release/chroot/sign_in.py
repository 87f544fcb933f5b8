"""Signs in as a browser does, with Python's own library. Arguments: login, file of the password."""

import re
import sys
import time
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

BASE = "http://localhost:8000"  # the address that setup proposes
PATIENCE = 240.0

login, password = sys.argv[1], Path(sys.argv[2]).read_text().strip()
browser = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))


def page(address: str, **fields: str) -> tuple[str, str]:
    """(address after redirects, text)."""
    body = urlencode(fields).encode() if fields else None
    try:
        with browser.open(Request(f"{BASE}{address}", body, {"Referer": f"{BASE}{address}"}), timeout=30) as answer:
            return answer.geturl().removeprefix(BASE), answer.read().decode()
    except HTTPError as error:
        if error.code == 422:  # a form with mistakes is shown again
            return address, error.read().decode()
        raise


def token(text: str) -> str:
    """Of the form on a page."""
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    return found[1] if found else sys.exit(f"no form: {text[:2000]}")


deadline = time.monotonic() + PATIENCE
while True:
    try:
        where, text = page("/")
        break
    except HTTPError as error:
        sys.exit(f"{error.code}: {error.read().decode()[:2000]}")
    except (URLError, ConnectionError):
        if time.monotonic() > deadline:
            raise
        time.sleep(0.5)
wrong, text = page(where, csrfmiddlewaretoken=token(text), login=login, password="not this one")
if "sign-in" not in wrong:
    sys.exit("a wrong password was let in")
where, text = page(where, csrfmiddlewaretoken=token(text), login=login, password=password)
if "sign-in" in where or "Администратор" not in text:
    sys.exit(f"not signed in: {where}\n{text[:2000]}")
print(f"signed in: {where}")

"""Looks at the sign-in page ten times a second until the file named first is there; writes what answered, from when to
when, and how long it was not the portal, into the file named second."""

import http.client
import sys
import time
from pathlib import Path

PAUSE = 0.1
PAGE = "обновляется".encode()


def answered() -> str:
    connection = http.client.HTTPConnection("localhost", 8000, timeout=30)
    try:
        connection.request("GET", "/sign-in/", headers={"Connection": "close"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status == 503 and answer.getheader("Retry-After") and PAGE in body:
            return "503: the page of the upgrade"
        return "portal" if answer.status < 400 or answer.status == 404 else str(answer.status)
    except ConnectionRefusedError:
        return "refused"
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


def main(until: Path, to: Path) -> None:
    spans: list[list[object]] = []
    began = time.monotonic()
    while not until.exists():
        at = time.monotonic() - began
        kind = answered()
        end = time.monotonic() - began
        if spans and spans[-1][2] == kind:
            spans[-1][1] = end
        else:
            spans.append([at, end, kind])
        time.sleep(PAUSE)
    lines = [f"  {a:7.1f} … {b:7.1f} s  {kind}" for a, b, kind in spans]
    away = [one for one in spans if one[2] != "portal"]
    down = float(away[-1][1]) - float(away[0][0]) if away else 0.0  # type: ignore[arg-type]
    to.write_text("\n".join([*lines, f"  not the portal: {down:.1f} s"]) + "\n")


main(Path(sys.argv[1]), Path(sys.argv[2]))

"""The one HTTP client against real local servers and resolvers that lie (safety A60)."""

from __future__ import annotations

import http.server
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from provodnik.core import outbound
from provodnik.core.outbound import Allowed, Forbidden, Unreachable, allowed_of, is_public, send, target

LOCAL = allowed_of(("127.0.0.1",))
NOTHING = Allowed()


class Heard:
    """A server on 127.0.0.1 that keeps what it was asked, as bytes."""

    def __init__(self, answer: bytes | Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> None:
        self.asked: list[bytes] = []
        self._answer, self._context = answer, context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                sock, _peer = self._socket.accept()
            except OSError:
                return
            try:
                if self._context is not None:
                    sock = self._context.wrap_socket(sock, server_side=True)
                self._one(sock)
            except OSError:
                pass
            finally:
                sock.close()

    def _one(self, sock: socket.socket) -> None:
        sock.settimeout(5)
        asked = b""
        while b"\r\n\r\n" not in asked:
            asked += sock.recv(65536)
        head, _, body = asked.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += sock.recv(65536)
        self.asked.append(head + b"\r\n\r\n" + body)
        if callable(self._answer):
            self._answer(sock)
        else:
            sock.sendall(self._answer)

    def close(self) -> None:
        self._socket.close()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Word: yes\r\n\r\nok"


@contextmanager
def server(answer: bytes | Callable[[socket.socket], None] = OK, **more: ssl.SSLContext) -> Iterator[Heard]:
    heard = Heard(answer, **more)
    try:
        yield heard
    finally:
        heard.close()


def names(*answers: list[str]) -> tuple[Callable[[str, int], list[str]], list[str]]:
    """A resolver that gives one answer after another, and what it was asked."""
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return resolver, asked


def refusal(address: str, *, inside: Allowed = NOTHING, answers: list[str] | None = None) -> str:
    resolver, _asked = names(answers if answers is not None else ["127.0.0.1"])
    with pytest.raises(Forbidden) as caught:
        send("POST", address, body=b"{}", inside=inside, resolver=resolver)
    return caught.value.code


INSIDE = [
    "http://127.0.0.1/", "http://127.0.0.1:8000/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://[::]/",
    "http://[::ffff:a9fe:a9fe]/", "http://0.0.0.0/", "http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/",
    "http://100.64.0.1/", "http://10.0.0.7/", "http://172.16.5.5/", "http://192.168.1.1/", "http://[fd00::1]/",
    "http://[2002:7f00:1::]/", "http://[2001:0:7f00:1::]/", "http://[64:ff9b::7f00:1]/", "http://224.0.0.1/",
    "http://255.255.255.255/", "http://192.0.0.8/", "http://198.18.0.1/", "http://[ff02::1]/", "http://[::7f00:1]/",
    "http://240.0.0.1/", "http://192.0.2.1/", "http://[2001:db8::1]/", "http://[100::1]/",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_the_inside_is_not_spoken_to(address: str) -> None:
    assert refusal(address) == "inside"


@pytest.mark.parametrize(
    "address",
    ["http://127.1/", "http://0/", "http://2130706433/", "http://0x7f.1/", "http://0x7f000001/", "http://017700000001/",
     "http://127.0.0.1.2/", "http://10.0x1/", "http://0177.0.0.1/", "http://1.2.3.04/", "http://[fe80::1%25eth0]/",
     "http://-a.example/", "http://a..b/", "http:///x", "http://" + "a" * 64 + ".example/"],
)  # fmt: skip
def test_a_host_that_is_a_number_in_disguise_is_none(address: str) -> None:
    assert refusal(address) in {"bad_host", "bad_address"}


@pytest.mark.parametrize("scheme", ["file", "gopher", "dict", "ftp", "ldap", "unix", "HTTPX", "javascript"])
def test_only_http(scheme: str) -> None:
    assert refusal(f"{scheme}://hooks.example/etc/passwd") == "bad_scheme"


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://user:pass@hooks.example/", "credentials"),
        ("http://hooks.example@127.0.0.1/", "credentials"),
        ("http://@hooks.example/", "credentials"),
        ("http://hooks.example:22/", "bad_port"),
        ("http://hooks.example:25/", "bad_port"),
        ("http://hooks.example:0/", "bad_port"),
        ("http://hooks.example:99999/", "bad_address"),
        ("http://hooks.example:x/", "bad_address"),
        ("http://hooks.example/ a", "bad_address"),
        ("http://hooks.example/\r\nX: y", "bad_address"),
        ("http://hooks.example\\@127.0.0.1/", "bad_address"),
        ("ht\ttp://hooks.example/", "bad_address"),
        ("http://hooks.example/" + "a" * 3000, "bad_address"),
        ("http://[::1", "bad_address"),
        ("", "bad_address"),
    ],
)
def test_what_an_address_may_not_hold(address: str, code: str) -> None:
    assert refusal(address) == code


@pytest.mark.parametrize("host", ["127。0。0。1", "①②⑦.0.0.1", "127.0.0。1"])
def test_dots_and_figures_of_other_alphabets_are_the_same_address(host: str) -> None:
    assert refusal(f"http://{host}/") in {"inside", "bad_host"}


@pytest.mark.parametrize(
    "answer", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fe80::1%lo"]
)
def test_a_name_that_leads_inside_is_refused(answer: str) -> None:
    """A CNAME to the inside looks like this from here."""
    assert refusal("http://hooks.example/", answers=[answer]) == "inside"


def test_a_name_that_mixes_the_inside_with_the_outside_is_refused() -> None:
    assert refusal("http://hooks.example/", answers=["93.184.216.34", "127.0.0.1"]) == "inside"


def test_a_name_that_changes_its_mind_is_asked_once() -> None:
    """DNS rebinding: the address that was judged is the address that is spoken to."""
    with server() as there:
        resolver, asked = names(["127.0.0.1"], ["169.254.169.254"])
        answer = send("POST", f"http://hooks.example:{there.port}/a?b=c", body=b"{}", inside=LOCAL, resolver=resolver)
        assert answer.status == 200 and answer.body == b"ok" and answer.headers["x-word"] == "yes"
        assert asked == ["hooks.example"]
        assert f"Host: hooks.example:{there.port}".encode() in there.asked[0]
        assert there.asked[0].startswith(b"POST /a?b=c HTTP/1.1\r\n")


def test_the_administrator_opens_hosts_and_networks() -> None:
    with server() as there:
        resolver, _asked = names(["127.0.0.1"])
        for entry in ("127.0.0.0/8", "127.0.0.1", "crm.local", "CRM.local."):
            answer = send("GET", f"http://crm.local:{there.port}/", inside=allowed_of((entry,)), resolver=resolver)
            assert answer.status == 200
        for entry in ("10.0.0.0/8", "other.local", "nonsense/99", "::1"):
            with pytest.raises(Forbidden):
                send("GET", f"http://crm.local:{there.port}/", inside=allowed_of((entry,)), resolver=resolver)
        with pytest.raises(Forbidden):  # an opened name opens no metadata service
            send("GET", "http://crm.local/", inside=allowed_of(("crm.local",)), resolver=names(["169.254.169.254"])[0])


def test_the_setting_is_what_counts_by_default(settings) -> None:
    with server() as there:
        with pytest.raises(Forbidden):
            send("GET", f"http://127.0.0.1:{there.port}/")
        settings.OUTBOUND_ALLOWED = ["127.0.0.1"]
        assert send("GET", f"http://127.0.0.1:{there.port}/").status == 200


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with server() as inside:
        moved = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{inside.port}/\r\nContent-Length: 0\r\n\r\n".encode()
        with server(moved) as there:
            answer = send("POST", f"http://127.0.0.1:{there.port}/", body=b"{}", inside=LOCAL)
        assert answer.status == 302 and inside.asked == []


def test_proxies_of_the_environment_are_not_used(monkeypatch) -> None:
    with server() as there, server() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert send("GET", f"http://127.0.0.1:{there.port}/", inside=LOCAL).status == 200
        assert proxy.asked == []


def test_an_answer_has_an_end() -> None:
    def endless(sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(40):
            sock.sendall(b"x" * 65536)

    with server(endless) as there, pytest.raises(Unreachable) as caught:
        send("GET", f"http://127.0.0.1:{there.port}/", inside=LOCAL)
    assert caught.value.code == "too_large"


@pytest.mark.parametrize(
    "first", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"]
)
def test_a_server_that_drips_does_not_keep_us(first: bytes) -> None:
    def drip(sock: socket.socket) -> None:
        sock.sendall(first)
        for _ in range(200):
            sock.sendall(b"x" if not first.endswith(b"Continue\r\n\r\n") else first)
            time.sleep(0.02)

    with server(drip) as there, pytest.raises(Unreachable) as caught:
        send("GET", f"http://127.0.0.1:{there.port}/", inside=LOCAL, deadline=0.3)
    assert caught.value.code == "late"


@pytest.mark.parametrize(
    "answer",
    [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n"],
)
def test_nonsense_is_no_answer(answer: bytes) -> None:
    with server(answer) as there, pytest.raises(Unreachable) as caught:
        send("GET", f"http://127.0.0.1:{there.port}/", inside=LOCAL)
    assert caught.value.code == "broken"


def test_nobody_there_and_no_such_name() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable) as caught:
        send("GET", f"http://127.0.0.1:{port}/", inside=LOCAL)
    assert caught.value.code == "no_connection"
    with pytest.raises(Unreachable) as caught:
        send("GET", "http://hooks.example/", inside=LOCAL, resolver=names([])[0])
    assert caught.value.code == "no_such_host"


def test_a_resolver_that_hangs_does_not_keep_us() -> None:
    held = threading.Event()

    def hang(host: str, port: int) -> list[str]:
        held.wait(5)
        return ["127.0.0.1"]

    with pytest.raises(Unreachable) as caught:
        send("GET", "http://hooks.example/", inside=LOCAL, resolver=hang, deadline=0.1)
    held.set()
    assert caught.value.code == "late"


def test_headers_cannot_be_smuggled() -> None:
    with server() as there, pytest.raises(Unreachable):
        send("GET", f"http://127.0.0.1:{there.port}/", inside=LOCAL, headers={"X-Name": "a\r\nX-Evil: b"})


def test_words_of_any_alphabet_in_the_address() -> None:
    assert target("https://вода.рф/крючок").host == "вода.рф".encode("idna").decode() == "xn--80adg3b.xn--p1ai"
    assert target("https://a.example/крючок?q=%20я").path == "/%D0%BA%D1%80%D1%8E%D1%87%D0%BE%D0%BA?q=%20%D1%8F"
    assert target("https://A.Example./").authority == "a.example"
    assert target("http://[2a00::1]:8080/").authority == "[2a00::1]:8080"


def test_public_addresses_are_public() -> None:
    for text in ("93.184.216.34", "8.8.8.8", "2a02:6b8::2:242", "::ffff:8.8.8.8"):
        assert is_public(ipaddress.ip_address(text)), text


def _certificate(name: str) -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM), private


def test_tls_is_verified_against_the_name_and_the_own_authority(settings, tmp_path) -> None:
    certificate, key = _certificate("hooks.example")
    (tmp_path / "ca.pem").write_bytes(certificate)
    (tmp_path / "key.pem").write_bytes(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")
    asked_for: list[str] = []
    context.sni_callback = lambda sock, name, ctx: asked_for.append(name)
    resolver, _asked = names(["127.0.0.1"])

    def ask(host: str) -> int:
        return send("GET", f"https://{host}:{there.port}/", inside=LOCAL, resolver=resolver).status

    with server(context=context) as there:
        with pytest.raises(Unreachable) as caught:
            ask("hooks.example")  # nobody vouches for it
        assert caught.value.code == "tls"
        settings.CA_FILE = tmp_path / "ca.pem"
        assert ask("hooks.example") == 200
        with pytest.raises(Unreachable) as caught:
            ask("other.example")  # it is somebody else's
        assert caught.value.code == "tls"
        settings.CA_FILE = tmp_path / "absent.pem"
        with pytest.raises(Unreachable):
            ask("hooks.example")
    assert asked_for[:2] == ["hooks.example", "hooks.example"]


def test_our_own_server_is_no_special_case() -> None:
    """The standard library's server answers us as any other would."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(202)
            self.end_headers()
            self.wfile.write(body[::-1])

        def log_message(self, *args: object) -> None: ...

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as httpd:
        threading.Thread(target=httpd.handle_request, daemon=True).start()
        answer = send("POST", f"http://127.0.0.1:{httpd.server_port}/", body=b"abc", inside=LOCAL)
    assert (answer.status, answer.body) == (202, b"cba")
    assert outbound.allowed_of(()) == NOTHING

"""A directory that misbehaves on command: raw sockets and a thread per connection. Modes: "hang" says nothing,
"closes" closes at once, "garbage" sends a page of HTML, "drips" sends a byte of an endless answer now and then,
"huge" announces an answer of two gigabytes, "referral" takes every password and answers searches with a referral to
`elsewhere`, "no_tls" refuses StartTLS."""

import contextlib
import socket
import threading

# LDAPMessage (RFC 4511, 4.1.1) with messageID 1: results of a bind, a search, an extended request.
_REFERRAL = 10
_UNAVAILABLE = 52
_BIND = 0x60


def _tlv(tag: int, content: bytes) -> bytes:
    assert len(content) < 128
    return bytes([tag, len(content)]) + content


def _result(tag: int, code: int, referral: str = "") -> bytes:
    content = _tlv(0x0A, bytes([code])) + _tlv(0x04, b"") + _tlv(0x04, b"")
    if referral:
        content += _tlv(0xA3, _tlv(0x04, referral.encode()))
    return _tlv(tag, content)


class LdapMisbehaving:
    def __init__(self, mode: str, *, elsewhere: str = "") -> None:
        self.mode, self.elsewhere = mode, elsewhere
        self.connections = 0
        self._stopped = threading.Event()
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()
        for sock in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _listen(self) -> None:
        while not self._stopped.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self._speak(sock)

    def _speak(self, sock: socket.socket) -> None:
        if self.mode == "closes":
            sock.close()
            return
        asked = sock.recv(4096)
        if self.mode == "hang":
            self._stopped.wait()
        elif self.mode == "garbage":
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n<html>" + bytes(range(256)) * 4)
            sock.close()
        elif self.mode == "drips":
            sock.sendall(b"\x30\x84\x00\x01\x00\x00")
            while not self._stopped.wait(0.05):
                sock.sendall(b"\x00")
        elif self.mode == "huge":
            sock.sendall(b"\x30\x84\x7f\xff\xff\xff")
            self._stopped.wait()
        while asked:
            start = 2 + (asked[1] & 0x7F if asked[1] & 0x80 else 0)  # behind the length of LDAPMessage
            number, operation = asked[start + 2], asked[start + 3]
            if self.mode != "referral":
                answer = _result(0x78, _UNAVAILABLE)
            elif operation == _BIND:
                answer = _result(0x61, 0)
            else:
                answer = _result(0x65, _REFERRAL, self.elsewhere)
            sock.sendall(_tlv(0x30, _tlv(0x02, bytes([number])) + answer))
            asked = sock.recv(4096)

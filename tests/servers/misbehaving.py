"""A mail server that misbehaves on command, for IMAP and for SMTP: raw sockets and a thread per connection.

`server.mode` may be changed at any moment; a connection reads it when it decides what to do next.

| mode | what happens |
| --- | --- |
| "good" | nothing unusual |
| "hang" | accepts and says nothing |
| "hang_late" | speaks well until a letter is asked for or offered, then says nothing |
| "deaf" | SMTP: asks for the letter and never reads it |
| "slow" | every byte takes `pace` seconds |
| "garbage" | answers with a page of HTML |
| "binary" | answers with bytes of no meaning |
| "endless_line" | a line that never ends |
| "endless_reply" | an answer of lines that never ends |
| "cut" | closes the connection in the middle of a letter (IMAP) or of DATA (SMTP) |
| "cut_after_data" | SMTP: takes the letter and closes before it says so |
| "huge" | IMAP: announces a letter of 100 MB, whatever its told size |
| "huge_number" | IMAP: announces a literal whose length has 5,000 digits |
| "bad_letter" | IMAP: closes whenever the body of UID 2 is asked for |
| "duplicates" | IMAP: names UIDs twice, answers each letter twice and others unasked |
| "no_starttls" | does not offer STARTTLS and refuses it |
| "inject" | answers STARTTLS with more plain text behind |
| "preauth" | IMAP: greets with PREAUTH |
| "busy" | refuses service for now: BYE, 421 |
| "no_service" | SMTP: greets with 554 |
"""

import contextlib
import re
import socket
import threading
from collections.abc import Callable

HTML = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html><body>Bad request</body></html>\r\n"


class Closed(Exception):
    """The conversation is over."""


class Misbehaving:
    """`protocol` "imap" or "smtp". `letters`: {UID: raw} of the IMAP inbox; `taken`: the letters SMTP took."""

    def __init__(self, protocol: str, mode: str = "good", *, pace: float = 0.05) -> None:
        self.protocol = protocol
        self.mode = mode
        self.pace = pace
        self.letters: dict[int, bytes] = {}
        self.sizes: dict[int, int] = {}  # lies about sizes
        self.uidvalidity = 1000
        self.taken: list[bytes] = []
        self.commands: list[str] = []
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._listen, daemon=True)]

    def start(self) -> "Misbehaving":
        self._threads[0].start()
        return self

    def stop(self) -> None:
        self._stopped.set()
        for sock in (self._listener, *tuple(self._open)):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(5)

    def _listen(self) -> None:
        while not self._stopped.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(sock)
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        talk = Talk(self, sock)
        try:
            if self.mode == "hang":
                self._stopped.wait()
            elif self.protocol == "imap":
                _imap(self, talk)
            else:
                _smtp(self, talk)
        except (Closed, OSError):
            pass
        finally:
            sock.close()
            self._open.discard(sock)


class Talk:
    """One connection: lines in, bytes out in the manner of the mode."""

    def __init__(self, server: Misbehaving, sock: socket.socket) -> None:
        self.server = server
        self.sock = sock
        self.file = sock.makefile("rb")

    def line(self) -> str:
        line = self.file.readline(100_000)
        if not line:
            raise Closed
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        self.server.commands.append(text)
        return text

    def say(self, text: str | bytes) -> None:
        data = text.encode() if isinstance(text, str) else text
        mode = self.server.mode
        if mode == "garbage":
            self.sock.sendall(HTML)
            raise Closed
        if mode == "binary":
            self.sock.sendall(bytes(range(256)) * 4 + b"\r\n")
            raise Closed
        if mode == "endless_line":
            self._forever(b"* OK " + b"x" * 65_536)
        if mode == "endless_reply":
            self._forever((b"* 1 EXISTS\r\n" if self.server.protocol == "imap" else b"250-more\r\n") * 4096)
        if mode == "slow":
            for i in range(len(data)):
                self.sock.sendall(data[i : i + 1])
                if self.server._stopped.wait(self.server.pace):
                    raise Closed
            return
        self.sock.sendall(data)

    def _forever(self, data: bytes) -> None:
        while not self.server._stopped.is_set():
            self.sock.sendall(data)
        raise Closed

    def hang(self) -> None:
        self.server._stopped.wait()
        raise Closed


def _imap(server: Misbehaving, talk: Talk) -> None:
    talk.say(
        {"preauth": "* PREAUTH ready\r\n", "busy": "* BYE [UNAVAILABLE] too many\r\n"}.get(
            server.mode, "* OK ready\r\n"
        )
    )
    if server.mode == "busy":
        raise Closed
    while True:
        tag, _, command = talk.line().partition(" ")
        verb, _, rest = command.partition(" ")
        if verb.upper() == "UID":
            verb, _, rest = rest.partition(" ")
        _imap_command(server, talk, verb.upper(), rest)
        talk.say(f"{tag} {_IMAP_ANSWERS.get(verb.upper(), _ok)(server)}\r\n")
        if verb.upper() == "LOGOUT":
            raise Closed
        if verb.upper() == "STARTTLS" and server.mode == "inject":
            raise Closed


def _ok(server: Misbehaving) -> str:
    return "OK done"


def _starttls(server: Misbehaving) -> str:
    return "OK go on\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN" if server.mode == "inject" else "NO not here"


_IMAP_ANSWERS: dict[str, Callable[[Misbehaving], str]] = {"STARTTLS": _starttls}


def _imap_command(server: Misbehaving, talk: Talk, verb: str, rest: str) -> None:
    if verb == "CAPABILITY":
        starttls = "" if server.mode in ("no_starttls", "good") else " STARTTLS"
        talk.say(f"* CAPABILITY IMAP4rev1 UIDPLUS{starttls}\r\n")
    elif verb == "SELECT":
        talk.say(f"* {len(server.letters)} EXISTS\r\n* OK [UIDVALIDITY {server.uidvalidity}] UIDs valid\r\n")
    elif verb == "SEARCH":
        found = sorted(server.letters)
        if server.mode == "duplicates":
            found += found
        talk.say(f"* SEARCH {' '.join(map(str, found))}\r\n")
    elif verb == "FETCH":
        if server.mode == "hang_late" and "BODY" in rest:
            talk.hang()
        uids = _uids(rest.split(" ", 1)[0], server.letters)
        if server.mode == "duplicates":
            uids = [*uids, *uids, *sorted(server.letters)]
        for uid in uids:
            _imap_letter(server, talk, uid, rest)
    elif verb == "LOGOUT":
        talk.say("* BYE bye\r\n")


def _imap_letter(server: Misbehaving, talk: Talk, uid: int, rest: str) -> None:
    raw = server.letters[uid]
    if "RFC822.SIZE" in rest:
        talk.say(f"* {uid} FETCH (UID {uid} RFC822.SIZE {server.sizes.get(uid, len(raw))})\r\n")
        return
    if "HEADER" in rest:
        raw = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    elif server.mode == "bad_letter" and uid == 2:
        raise Closed
    elif server.mode == "huge":
        talk.say(f"* {uid} FETCH (UID {uid} BODY[] {{104857600}}\r\n".encode() + raw)
        talk.hang()
    elif server.mode == "huge_number":
        talk.say(f"* {uid} FETCH (UID {uid} BODY[] {{{'9' * 5000}}}\r\n")
        talk.hang()
    elif server.mode == "cut":
        talk.say(f"* {uid} FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode() + raw[: len(raw) // 2])
        raise Closed
    # As some servers do, the UID comes behind the letter.
    talk.say(f"* {uid} FETCH (BODY[] {{{len(raw)}}}\r\n".encode() + raw + f" UID {uid})\r\n".encode())


def _uids(words: str, letters: dict[int, bytes]) -> list[int]:
    wanted: list[int] = []
    for word in words.split(","):
        first, _, last = word.partition(":")
        wanted += [uid for uid in sorted(letters) if int(first) <= uid <= int(last or first)]
    return wanted


def _smtp(server: Misbehaving, talk: Talk) -> None:
    greeting = {"busy": "421 4.3.2 come back later\r\n", "no_service": "554 5.3.2 no service\r\n"}
    talk.say(greeting.get(server.mode, "220 ready ESMTP\r\n"))
    if server.mode in greeting:
        raise Closed
    while True:
        verb = talk.line().split(" ", 1)[0].upper()
        if verb == "EHLO":
            starttls = "" if server.mode in ("no_starttls", "good") else "250-STARTTLS\r\n"
            talk.say(f"250-localhost\r\n{starttls}250 8BITMIME\r\n")
        elif verb == "STARTTLS":
            talk.say("220 go on\r\n250 and more\r\n" if server.mode == "inject" else "502 5.5.1 not here\r\n")
            if server.mode == "inject":
                raise Closed
        elif verb == "DATA":
            _smtp_data(server, talk)
        elif verb == "QUIT":
            talk.say("221 bye\r\n")
            raise Closed
        else:
            talk.say("250 OK\r\n")


def _smtp_data(server: Misbehaving, talk: Talk) -> None:
    if server.mode == "hang_late":
        talk.hang()
    talk.say("354 go on\r\n")
    if server.mode == "deaf":
        talk.hang()
    if server.mode == "cut":
        talk.sock.recv(10)
        raise Closed
    lines: list[bytes] = []
    while (line := talk.file.readline()) not in (b".\r\n", b""):
        lines.append(re.sub(rb"^\.", b"", line))
    server.taken.append(b"".join(lines))
    if server.mode == "cut_after_data":
        raise Closed
    talk.say("250 taken\r\n")

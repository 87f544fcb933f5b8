"""Fetching mail over IMAP4 (RFC 3501, 9051), by UID and by our own ledger.

What has been dealt with is decided by the ledger, never by \\Seen: a person may read a letter in a mail
program before we do. The flag is only set, by `mark_done`, after the letter is committed on our side.

    with ImapSession(account) as session:
        for letter in session.pending(after_uid=…, known=…): …
"""

import imaplib
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from provodnik.core import gate

from .account import IMAP_PORTS, problems
from .imap_client import Client, Piece, batches, folder_name, quoted, read_bodies, read_dates, read_sizes, uid_set
from .imap_letters import (
    LASTING,
    Fetched,
    ImapAccount,
    Letter,
    NotFetched,
    Refused,
    Temporary,
    TooLarge,
    body_of,
)
from .wire import Wire, WireError

BATCH_LETTERS = 100
BATCH_BYTES = 8 * 1024 * 1024
SLOWEST = 16 * 1024  # bytes a second a transfer may crawl at beyond the ordinary time of an exchange
DIALOGUE = 256 * 1024  # bytes the answers to a command without letters may take
SEARCH = 32 * 1024 * 1024  # some three million UIDs
HEADERS = 64 * 1024  # bytes of the header fetched of a letter too large to take
FAILURES_IN_A_ROW = 5  # letters failing one after another mean the server is ill, not the letters
# The ways a server says at login that it is not about the password (RFC 5530; Gmail, Dovecot in words).
_BUSY = re.compile(r"UNAVAILABLE|INUSE|LIMIT\b|SERVERBUG|too many|try again|temporar|internal error", re.I)

T = TypeVar("T")


class ImapSession:
    """A logged-in connection with the account's folder selected. Raises `Temporary` or `Refused` only.

    `uidvalidity`: the folder's; UIDs remembered under another value mean nothing (RFC 9051, 2.3.1.1).
    `exists`: how many letters the folder held when it was selected.
    `renumbered`: whether `expected_uidvalidity` was given and differs.
    """

    def __init__(self, account: ImapAccount, *, expected_uidvalidity: int | None = None) -> None:
        self.account = account
        self.uidvalidity = 0
        self.exists = 0
        self._expected = expected_uidvalidity
        self._client: Client | None = None

    @property
    def renumbered(self) -> bool:
        return self._expected is not None and self._expected != self.uidvalidity

    @property
    def can_idle(self) -> bool:
        return self._client is not None and "IDLE" in self._client.capabilities

    @property
    def wire(self) -> Wire | None:
        return self._client.wire if self._client else None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Connect, secure, log in, select."""
        found = problems(self.account, IMAP_PORTS)
        if found:
            raise Refused(found[0])
        self.connect()
        self.login()
        self.select()

    def connect(self) -> None:
        account = self.account
        gate.knock()

        def dial() -> Client:
            return Client(
                account.host,
                account.port,
                tls=account.security == "tls",
                ca_file=account.ca_file,
                connect_timeout=min(account.connect_timeout, account.exchange_timeout),
                timeout=account.timeout,
                exchange_timeout=account.exchange_timeout,
            )

        client = self._client = self._guarded(dial)
        if account.security == "starttls":
            self._guarded(client.secure)

    def login(self) -> None:
        account, client = self.account, self._begin()
        if "LOGINDISABLED" in client.capabilities:
            raise self._refuse("login_forbidden")
        if client.state == "AUTH":
            return

        def attempt() -> Any:
            if "AUTH=PLAIN" in client.capabilities:
                # LOGIN knows only ASCII; PLAIN is UTF-8 (RFC 4616).
                words = f"\0{account.username}\0{account.password}".encode()
                return client.authenticate("PLAIN", lambda _: words)
            return client.login(account.username, account.password)

        self._guarded(attempt, refused="login_refused")
        self._guarded(client.refresh_capabilities)

    def select(self) -> None:
        client = self._begin()
        answer = self._guarded(lambda: client.select(quoted(folder_name(self.account.folder))))
        if answer[0] != "OK":
            raise self._refuse("folder_missing")
        count = answer[1][-1]
        validity = client.response("UIDVALIDITY")[1]
        try:
            self.exists = int(count or 0)
            self.uidvalidity = int(validity[-1])
        except (TypeError, ValueError, IndexError):
            raise self._refuse("no_uidvalidity") from None

    def close(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.wire.begin(min(5.0, self.account.timeout), DIALOGUE)
            client.logout()
        except (imaplib.IMAP4.error, OSError):
            pass  # the connection is being given up anyway
        finally:
            client.wire.close()

    # -- reading -----------------------------------------------------------------------------------------

    def pending(
        self,
        *,
        after_uid: int = 0,
        known: Callable[[Sequence[int]], Collection[int]] = lambda uids: (),
        limit: int = 500,
    ) -> list[Letter]:
        """At most `limit` letters that the ledger does not hold, oldest first.

        `after_uid`: up to this UID everything is in the ledger. `known(uids)` tells which of these, all
        above it, are in the ledger too; it is asked for a few hundred at a time.
        """
        client = self._begin(max_bytes=SEARCH)
        # NOOP lets the server tell of arrivals: a session may live for hours.
        self._guarded(client.noop)
        answer = self._expect(lambda: client.uid("SEARCH", f"UID {after_uid + 1}:*"))
        words = b" ".join(line for line in answer if isinstance(line, bytes)).split()
        # `n:*` names the last letter even when its UID is below n (RFC 9051, 6.4.8), hence the comparison.
        uids = sorted({int(word) for word in words if word.isdigit() and int(word) > after_uid})
        wanted: list[int] = []
        for start in range(0, len(uids), 500):
            part = uids[start : start + 500]
            seen = set(known(part))
            wanted += [uid for uid in part if uid not in seen]
            if len(wanted) >= limit:
                break
        return self.sizes(wanted[:limit])

    def sizes(self, uids: Sequence[int]) -> list[Letter]:
        """The letters that (still) exist of `uids`, with the sizes the server tells (RFC822.SIZE)."""
        found: dict[int, int] = {}
        dates: dict[int, datetime] = {}
        for start in range(0, len(uids), 500):
            part = uids[start : start + 500]
            client = self._begin(max_bytes=DIALOGUE + 4096 * len(part))
            answer = self._expect(lambda: client.uid("FETCH", uid_set(part), "(RFC822.SIZE INTERNALDATE)"))  # noqa: B023
            found |= read_sizes(answer)
            dates |= read_dates(answer)
        return [Letter(uid, found[uid], dates.get(uid)) for uid in sorted(set(uids)) if uid in found]

    def fetch(self, letters: Sequence[Letter], *, max_bytes: int) -> Iterator[tuple[int, Fetched]]:
        """Each of `letters` once, in batches, without setting \\Seen.

        A batch that fails is fetched again letter by letter over a new connection, so that one letter the
        server chokes on does not stop the others. Raises `Temporary` when it is the server that fails.
        """
        takeable = [(letter.uid, letter.size) for letter in letters if letter.size <= max_bytes]
        for letter in letters:
            if letter.size > max_bytes:
                yield letter.uid, TooLarge(letter.size, self._headers(letter.uid))
        for batch in batches(takeable, count=BATCH_LETTERS, total=BATCH_BYTES):
            try:
                bodies = self._bodies(batch, spare=BATCH_BYTES)
            except Temporary:
                yield from self._one_by_one(batch, max_bytes)
                continue
            for uid, size in batch:
                yield uid, body_of(bodies, uid, size)

    def _one_by_one(self, batch: Sequence[tuple[int, int]], max_bytes: int) -> Iterator[tuple[int, Fetched]]:
        failures = 0
        fetched: Fetched
        for uid, size in batch:
            try:
                if self._client is None:
                    self._reopen()
                spare = max(0, max_bytes - size) + DIALOGUE
                fetched = body_of(self._bodies([(uid, size)], spare=spare), uid, size)
                failures = 0
            except Temporary as problem:
                if self._client is None:
                    self._reopen()
                failures += 1
                if failures > FAILURES_IN_A_ROW:
                    raise
                fetched = NotFetched(problem.code)
                if problem.code == "too_much":
                    # The size told was a lie: it is more than we would have taken had we known.
                    fetched = TooLarge(max(size, max_bytes + 1), self._headers(uid))
            yield uid, fetched

    def _bodies(self, batch: Sequence[tuple[int, int]], *, spare: int) -> dict[int, bytes]:
        total = sum(size for _, size in batch)
        client = self._begin(self.account.exchange_timeout + total / SLOWEST, total + spare)
        uids = uid_set(uid for uid, _ in batch)
        return read_bodies(self._expect(lambda: client.uid("FETCH", uids, "(UID BODY.PEEK[])")))

    def _headers(self, uid: int) -> bytes:
        try:
            if self._client is None:
                self._reopen()
            client = self._begin(max_bytes=DIALOGUE + HEADERS)
            part = f"(UID BODY.PEEK[HEADER]<0.{HEADERS}>)"
            return read_bodies(self._expect(lambda: client.uid("FETCH", str(uid), part))).get(uid, b"")
        except Temporary:
            return b""

    def idle(self, seconds: float) -> bool:
        """Wait for new mail; True when some came, False when not, or at once when the server cannot IDLE.

        Keep `seconds` under 29 minutes (RFC 2177); a few are better, so that a worker can be stopped.
        """
        client = self._begin(seconds + self.account.exchange_timeout)
        return self.can_idle and self._guarded(lambda: client.idle(seconds))

    # -- after commit --------------------------------------------------------------------------------------

    def mark_done(self, uids: Sequence[int], *, move_to: str | None = None) -> bool:
        """Set \\Seen on `uids` and move them to the folder `move_to`, which is made when missing.

        False when a move was wanted and the server offers no safe way: without MOVE (RFC 6851) and UIDPLUS
        (RFC 4315) only EXPUNGE is left, which would also remove what others have marked deleted.
        """
        moved = True
        for start in range(0, len(uids), 500):
            part = uid_set(uids[start : start + 500])
            client = self._begin(max_bytes=DIALOGUE * 4)
            self._expect(lambda: client.uid("STORE", part, "+FLAGS.SILENT", "(\\Seen)"))  # noqa: B023
            if move_to:
                moved = self._move(client, part, quoted(folder_name(move_to))) and moved
        return moved

    def _move(self, client: Client, uids: str, folder: str) -> bool:
        can_move = "MOVE" in client.capabilities
        if not can_move and "UIDPLUS" not in client.capabilities:
            return False
        verb = "MOVE" if can_move else "COPY"
        if self._guarded(lambda: client.uid(verb, uids, folder))[0] != "OK":
            self._guarded(lambda: client.create(folder))
            self._expect(lambda: client.uid(verb, uids, folder))
        if not can_move:
            self._expect(lambda: client.uid("STORE", uids, "+FLAGS.SILENT", "(\\Deleted)"))
            self._expect(lambda: client.uid("EXPUNGE", uids))
        return True

    # -- inside ---------------------------------------------------------------------------------------------

    def _begin(self, seconds: float | None = None, max_bytes: int = DIALOGUE) -> Client:
        if self._client is None:
            raise Temporary("connection_lost")
        self._client.wire.begin(seconds or self.account.exchange_timeout, max_bytes)
        return self._client

    def _reopen(self) -> None:
        """A new connection in the middle of a fetch, as long as the UIDs in hand still mean the same."""
        before = self.uidvalidity
        self.open()
        if self.uidvalidity != before:
            self._drop()
            self.uidvalidity = before
            raise Temporary("renumbered")

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.wire.close()

    def _refuse(self, code: str) -> Refused:
        self._drop()
        return Refused(code)

    def _expect(self, command: Callable[[], Any]) -> list[Piece]:
        """Run a command that must be answered OK; NO and BAD are temporary: the same words worked before."""
        answer, pieces = self._guarded(command)
        if answer != "OK":
            raise Temporary("server_said_no")
        return list(pieces)

    def _guarded(self, command: Callable[[], T], *, refused: str = "") -> T:
        """Run `command`. What goes wrong becomes Temporary or Refused; a spoilt connection is dropped."""
        try:
            return command()
        except WireError as error:
            self._drop()
            raise (Refused if error.code in LASTING else Temporary)(error.code, error.detail) from None
        except imaplib.IMAP4.readonly:
            raise self._refuse("folder_read_only") from None
        except imaplib.IMAP4.abort as error:
            self._drop()
            lost = any(word in str(error) for word in ("EOF", "unterminated", "BYE", "Logging out"))
            raise Temporary("connection_lost" if lost else "garbage") from None
        except imaplib.IMAP4.error as error:
            if refused and not _BUSY.search(str(error)):
                raise self._refuse(refused) from None
            if refused or self._client is None:
                self._drop()
                raise Temporary("server_busy" if refused or "BYE" in str(error) else "garbage") from None
            raise Temporary("server_said_no") from None
        except UnicodeEncodeError:
            # LOGIN knows only ASCII, and the server has nothing else to offer.
            raise self._refuse(refused or "bad_credentials") from None
        except (ValueError, LookupError, TypeError):
            # imaplib reads numbers and words out of the server's lines without asking what they are.
            self._drop()
            raise Temporary("garbage") from None

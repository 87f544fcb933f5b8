"""Sessions in the database, with their owner: listed to him, ended one by one, dying with the account."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from provodnik.accounts.models import Session, User
from provodnik.core import prepared

# A session that would live longer was begun by a clock that has been set right since (safety F40).
LONGEST = timedelta(seconds=settings.SESSION_COOKIE_AGE) + timedelta(days=1)
_LOADED = ("session_key", "session_data", "expire_date", "user_id", "created_at", "seen_at")


@cache
def _loading() -> tuple[str, list[str]]:
    """The statement that reads a living session with its owner, if he may still sign in; the columns of the owner."""
    owner = [field.attname for field in User._meta.concrete_fields]
    chosen = [f"session.{name}" for name in _LOADED] + [f"owner.{name}" for name in owner]
    return (
        f"SELECT {', '.join(chosen)} FROM {Session._meta.db_table} session"  # noqa: S608 - names of our own columns
        f" LEFT JOIN {User._meta.db_table} owner ON owner.id = session.user_id AND owner.is_active"
        " WHERE session.session_key = %s AND session.expire_date > %s AND session.expire_date <= %s",
        owner,
    )


class SessionStore(DatabaseStore):
    """Django's database sessions over our table. `_device` and `_address` in the data become columns.

    `row` is what was loaded, if anything was: the middleware reads from it when the session was last seen. `owner` came
    with it: a page would ask for him next.
    """

    row: Session | None = None
    owner: User | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        sql, owner = _loading()
        key = self.session_key or ""
        now = timezone.now()
        found = prepared.fetch(sql, [key, now, now + LONGEST]) if "\0" not in key else []
        if not found:
            self._session_key = None
            return None
        self.row = Session.from_db("default", _LOADED, found[0][: len(_LOADED)])
        values = found[0][len(_LOADED) :]
        if values[0] is not None:
            self.owner = User.from_db("default", owner, values)
        return self.row

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = cast(Session, super().create_model_instance(data))
        owner = data.get(SESSION_KEY)
        session.user_id = int(owner) if owner and str(owner).isdecimal() else None
        session.device = str(data.get("_device", ""))[:300]
        session.address = data.get("_address") or None
        return session

    def save(self, must_create: bool = False) -> None:
        """Django writes the whole row anew; ours has columns that only its first writing and the middleware know.

        Raises UpdateError when the session was ended meanwhile: an ended session does not come back.
        """
        if must_create or self.session_key is None:
            super().save(must_create=must_create)
            return
        data = self._get_session(no_load=False)  # type: ignore[attr-defined]
        new = self.create_model_instance(data)
        known = Session.objects.filter(pk=new.pk).update(
            session_data=new.session_data, expire_date=new.expire_date, user_id=new.user_id, device=new.device
        )
        if not known:
            raise UpdateError

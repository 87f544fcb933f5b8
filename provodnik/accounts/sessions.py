"""Sessions in the database, with their owner: listed to him, ended one by one, dying with the account."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from provodnik.accounts.models import Session


class SessionStore(DatabaseStore):
    """Django's database sessions over our table. `_device` and `_address` in the data become columns.

    `row` is what was loaded, if anything was: the middleware reads from it when the session was last seen.
    """

    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Session | None:
        self.row = super()._get_session_from_db()  # type: ignore[misc]
        return self.row

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session = cast(Session, super().create_model_instance(data))
        owner = data.get(SESSION_KEY)
        session.user_id = int(owner) if owner and str(owner).isdigit() else None
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

"""Sessions in the database with their owner: listed, ended one by one, dying with the account."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from provodnik.accounts.models import Session


class SessionStore(DatabaseStore):
    """Django's database sessions over our table. `_device` and `_address` in the data become columns."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        session: Session = super().create_model_instance(data)
        owner = data.get(SESSION_KEY)
        session.user_id = int(owner) if owner and str(owner).isdigit() else None
        session.device = str(data.get("_device", ""))[:300]
        session.address = data.get("_address") or None
        return session

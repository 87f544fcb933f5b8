"""Trying the receivers of webhooks: each gets a message that says nothing, past its queue."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.utils.translation import gettext as _

from provodnik.core.outbound import Forbidden, OutboundError
from provodnik.core.secrets import Unreadable
from provodnik.core.trials import Asked, Trial, Tried
from provodnik.hooks import announce, bodies, words
from provodnik.hooks.models import Delivery, Subscription
from provodnik.hooks.states import PING


def receivers(asked: Asked) -> Iterator[Tried]:
    rows = list(Subscription.objects.filter(is_active=True))
    if not rows:
        yield Tried("ok", _("Webhooks"), _("None is set up."))
    for row in rows:
        key = uuid.uuid4()
        ping = Delivery(id=key, subscription=row, kind=PING, body=bodies.of_ping(key, asked.at), created_at=asked.at)
        status, error = None, ""
        try:
            answer = announce.post(row.address, ping.body.encode(), announce.headers_of(row, ping, asked.at))
            status = answer.status
        except OutboundError as failure:
            error = f"{'forbidden' if isinstance(failure, Forbidden) else 'unreachable'}:{failure.code}"
        except Unreadable:
            error = "secret"
        told = words.failure(error, status)
        if told:
            yield Tried("error", row.name, told, _("Look at the webhook's page: its address and its journal."))
        else:
            yield Tried("ok", row.name, _("The receiver answers %(status)s.") % {"status": status})


TRIALS = (Trial("webhooks", lambda: _("receivers of webhooks"), receivers),)

"""Trying the gateway of messages."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.utils.translation import gettext as _

from provodnik.core.decisions import Refused
from provodnik.core.trials import Asked, Trial, Tried
from provodnik.sms import actions, announce, words
from provodnik.sms.models import Gateway
from provodnik.sms.states import State


def gateway(asked: Asked) -> Iterator[Tried]:
    row = Gateway.objects.filter(pk=Gateway.ONLY, is_active=True).first()
    what = _("Gateway of messages")
    if row is None:
        yield Tried("ok", what, _("None is set up: no messages to phones."))
        return
    if not asked.to.startswith("+"):
        yield Tried("ok", what, _("Set up. A test message costs money: name a phone by --to +7…"))
        return
    try:
        made = actions.send(
            asked.to, str(_("A test message of PROvodnik.")), key=f"test:{uuid.uuid4().hex}", kind="test", at=asked.at
        )
    except Refused as refused:
        yield Tried("error", what, str(refused))
        return
    announce.send(made.pk, at=asked.at)
    made.refresh_from_db()
    if made.state == State.SENT.value:
        yield Tried("ok", what, _("The gateway has taken the message."))
    else:
        yield Tried("error", what, words.failure(made.error, made.status), _("Look at Administration, Text messages."))


TRIALS = (Trial("sms", lambda: _("messages to phones; --to +7…: a test message"), gateway),)

"""Fills the house that is going to be killed: run as a program of its own, with its settings. Prints nothing."""

from __future__ import annotations

import json
import os

import django

django.setup()

from django.conf import settings  # noqa: E402

from provodnik.channels.models import Mailbox, Security  # noqa: E402
from provodnik.desk.tests.factories import (  # noqa: E402
    PASSWORD,
    AdministratorFactory,
    ContactFactory,
    CustomerFactory,
    SpecialistFactory,
    UserFactory,
)
from tests.servers.dovecot import PASSWORD as MAIL_PASSWORD  # noqa: E402

MAIL_USER = "support"


def main() -> None:
    customer = CustomerFactory.create(name="Чистая вода", domains=["kill.example"])
    people = {"requester": "anna", "specialist": "boris"}
    anna = UserFactory.create(login="anna", email="anna@kill.example")
    ContactFactory.create(customer=customer, user=anna, email="anna@kill.example")
    boris = SpecialistFactory.create(login="boris", email="boris@desk.example")
    AdministratorFactory.create(login="admin")
    for user in (anna, boris):
        user.set_password(PASSWORD)
        user.save()
    mailbox = Mailbox(
        name="Поддержка",
        address="support@desk.example",
        imap_host="127.0.0.1",
        imap_port=int(os.environ["KILL_IMAP_PORT"]),
        imap_security=Security.NONE,
        imap_username=MAIL_USER,
        smtp_host="127.0.0.1",
        smtp_port=int(os.environ["KILL_SMTP_PORT"]),
        smtp_security=Security.NONE,
    )
    mailbox.imap_password = MAIL_PASSWORD
    mailbox.save()
    (settings.BASE_DIR / "people.json").write_text(json.dumps(people))


if __name__ == "__main__":
    main()

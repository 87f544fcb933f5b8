"""The second factor; who looked; and a door in the journal for lawful erasure alone (docs/adr/0018)."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Its own retention removes what is older than half a year at least; the erasure of a person blanks names.
GUARD = """
CREATE OR REPLACE FUNCTION accounts_journal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.at < now() - interval '180 days' AND core_erasing('journal') THEN
            RETURN OLD;
        END IF;
    ELSIF NEW.title = '' AND OLD.data @> NEW.data
        AND (to_jsonb(NEW) - 'title' - 'data') = (to_jsonb(OLD) - 'title' - 'data') AND core_erasing('person') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the journal is written once' USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
AS_BEFORE = """
CREATE OR REPLACE FUNCTION accounts_journal_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is written once' USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def key():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def of_user(name):
    return (
        "user",
        models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE, related_name=name, to=settings.AUTH_USER_MODEL
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_throttle_by_device_and_journal"),
        ("core", "0003_erasure"),
    ]

    operations = [
        migrations.CreateModel(
            name="FactorRule",
            fields=[
                key(),
                (
                    "role",
                    models.CharField(help_text="a role, or requester: who has none", max_length=32, unique=True),
                ),
                ("since", models.DateTimeField()),
                ("grace_days", models.PositiveSmallIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Passkey",
            fields=[
                key(),
                ("name", models.CharField(max_length=60)),
                ("credential_id", models.BinaryField(max_length=1023, unique=True)),
                ("public_key", models.BinaryField()),
                ("sign_count", models.BigIntegerField(default=0)),
                (
                    "transports",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, default=list, size=None
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "doubted_at",
                    models.DateTimeField(
                        help_text="its counter went back: there may be a copy; no longer taken", null=True
                    ),
                ),
                of_user("passkeys"),
            ],
            options={"ordering": ["created_at", "pk"]},
        ),
        migrations.CreateModel(
            name="PrintedCode",
            fields=[
                key(),
                ("digest", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                of_user("printed_codes"),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("user", "digest"), name="printed_code_once")],
            },
        ),
        migrations.CreateModel(
            name="Totp",
            fields=[
                key(),
                ("sealed", models.TextField(help_text="the secret, encrypted by core.secrets")),
                (
                    "last_step",
                    models.BigIntegerField(help_text="the last step a code of which was taken: each is good once"),
                ),
                ("created_at", models.DateTimeField()),
                ("used_at", models.DateTimeField()),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="totp", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TrustedDevice",
            fields=[
                key(),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("device", models.CharField(blank=True, default="", help_text="its User-Agent", max_length=300)),
                ("created_at", models.DateTimeField()),
                ("used_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                of_user("trusted_devices"),
            ],
        ),
        migrations.AddField(
            model_name="journalentry",
            name="customer",
            field=models.BigIntegerField(help_text="id of the customer it is about", null=True),
        ),
        migrations.AddField(
            model_name="journalentry",
            name="slot",
            field=models.IntegerField(help_text="of a look: quarters of a day since 1970-01-01 UTC", null=True),
        ),
        migrations.AddField(
            model_name="journalentry",
            name="ticket",
            field=models.BigIntegerField(help_text="the number of the request it is about", null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="second_factor_due",
            field=models.DateTimeField(
                editable=False,
                help_text="by when the role wants a second factor that is not there; null: it does not",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="journalentry",
            name="verb",
            field=models.CharField(help_text="added, changed, removed, invited, looked …", max_length=32),
        ),
        migrations.AddIndex(
            model_name="journalentry",
            index=models.Index(fields=["by", "-at", "-id"], name="journal_by_person"),
        ),
        migrations.AddIndex(
            model_name="journalentry",
            index=models.Index(
                condition=models.Q(("ticket__isnull", False)),
                fields=["ticket", "-at", "-id"],
                name="journal_of_ticket",
            ),
        ),
        migrations.AddIndex(
            model_name="journalentry",
            index=models.Index(
                condition=models.Q(("customer__isnull", False)),
                fields=["customer", "-at", "-id"],
                name="journal_of_customer",
            ),
        ),
        migrations.AddIndex(
            model_name="journalentry",
            index=models.Index(
                condition=models.Q(("slot__isnull", True)), fields=["-at", "-id"], name="journal_of_deeds"
            ),
        ),
        migrations.AddConstraint(
            model_name="journalentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("slot__isnull", False)),
                fields=("by", "slot", "kind", "thing", "verb"),
                name="journal_look_once",
            ),
        ),
        migrations.RunSQL(GUARD, AS_BEFORE),
    ]

"""Links, merges, tags, own fields, watchers, steps for many requests. A merged request never opens again: the database
keeps it, as it keeps the legal moves (0002).
"""

import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

KEEP = """
CREATE FUNCTION desk_merged_stays_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM desk_merge WHERE ticket_id = NEW.number) THEN
        RAISE EXCEPTION 'a merged request stays closed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER desk_merged_guard BEFORE UPDATE ON desk_ticket FOR EACH ROW
    WHEN (OLD.status = 'done' AND NEW.status <> 'done') EXECUTE FUNCTION desk_merged_stays_closed();

CREATE FUNCTION desk_merge_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM desk_ticket WHERE number = NEW.ticket_id AND status = 'done') THEN
        RAISE EXCEPTION 'a merged request is closed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM desk_merge WHERE ticket_id = NEW.target_id) THEN
        RAISE EXCEPTION 'a target is not merged itself' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER desk_merge_guard BEFORE INSERT OR UPDATE ON desk_merge FOR EACH ROW EXECUTE FUNCTION desk_merge_guard();
"""
LET_GO = """
DROP TRIGGER desk_merge_guard ON desk_merge;
DROP FUNCTION desk_merge_guard();
DROP TRIGGER desk_merged_guard ON desk_ticket;
DROP FUNCTION desk_merged_stays_closed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0009_workbench"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="ticketevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("registered", "Registered"),
                    ("confirmed", "Confirmation sent"),
                    ("taken", "Taken into work"),
                    ("asked", "Clarification sought"),
                    ("answered", "The requester answered"),
                    ("replied", "Answered by the desk"),
                    ("noted", "Note written"),
                    ("closed", "Closed"),
                    ("withdrawn", "Withdrawn by the requester"),
                    ("reopened", "Reopened"),
                    ("priority", "Priority changed"),
                    ("type", "Type changed"),
                    ("subsystem", "Subsystem changed"),
                    ("assigned", "Assigned"),
                    ("customer", "Customer changed"),
                    ("email", "Contact address changed"),
                    ("delivered", "Notice delivered"),
                    ("undelivered", "Notice not delivered"),
                    ("told_otherwise", "Told in another way"),
                    ("warned", "Deadline is near"),
                    ("overdue", "Deadline passed"),
                    ("rated", "Rated"),
                    ("continued", "Continued in a new request"),
                    ("routed", "Given by the rules of assignment"),
                    ("escalated", "Carried to the lead"),
                    ("complained", "Complained about"),
                    ("linked", "Linked"),
                    ("unlinked", "Unlinked"),
                    ("merged", "Merged into it"),
                    ("split", "A message became a request"),
                    ("tagged", "Tags changed"),
                    ("fields", "Fields changed"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="BulkRun",
            fields=[
                (
                    "key",
                    models.UUIDField(
                        default=uuid.uuid4,
                        help_text="the form that asked: sent twice, one run",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("assign", "Assign"),
                            ("priority", "Change the priority"),
                            ("tags", "Tags"),
                            ("answer", "Answer"),
                            ("close", "Close"),
                        ],
                        max_length=8,
                    ),
                ),
                ("asked", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits"),
                            ("running", "Is being done"),
                            ("done", "Done"),
                            ("cancelled", "Called off"),
                            ("undone", "Undone"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bulk_runs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BulkItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("done", models.BooleanField(null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("before", models.JSONField(default=dict)),
                ("undone", models.BooleanField(null=True)),
                ("undo_reason", models.CharField(blank=True, default="", max_length=500)),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="desk.ticket"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="desk.bulkrun",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="FieldDefinition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(max_length=80, verbose_name="name")),
                ("hint", models.CharField(blank=True, default="", max_length=200, verbose_name="hint")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("number", "Number"),
                            ("date", "Date"),
                            ("choice", "One of a list"),
                            ("yes_no", "Yes or no"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "choices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="what to choose",
                    ),
                ),
                ("required", models.BooleanField(default=False, verbose_name="required")),
                (
                    "asked",
                    models.BooleanField(
                        default=True,
                        help_text="shown to the requester; else to the desk alone",
                        verbose_name="asked of the requester",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="fields", to="desk.contract"
                    ),
                ),
            ],
            options={
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                (
                    "ticket",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="merge",
                        serialize=False,
                        to="desk.ticket",
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="absorbed", to="desk.ticket"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                ("is_active", models.BooleanField(default=True, verbose_name="offered")),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(django.db.models.functions.text.Lower("name"), name="tag_name_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="TicketFields",
            fields=[
                (
                    "ticket",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="fields",
                        serialize=False,
                        to="desk.ticket",
                    ),
                ),
                ("values", models.JSONField(default=dict)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["values"], name="fields_values", opclasses=["jsonb_path_ops"]
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TicketLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("duplicate", "Duplicate request"),
                            ("related", "Related"),
                            ("cause", "Cause"),
                            ("split", "Split off"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "one",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="links_from", to="desk.ticket"
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="links_to", to="desk.ticket"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TicketTag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tag",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tagged",
                        to="desk.tag",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tagged",
                        to="desk.ticket",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Watcher",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "contact",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watched",
                        to="desk.contact",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="watchers",
                        to="desk.ticket",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watched",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="bulkrun",
            index=models.Index(fields=["by", "-at"], name="bulk_of_user"),
        ),
        migrations.AddConstraint(
            model_name="bulkrun",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "running", "done", "cancelled", "undone"])),
                name="bulk_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkitem",
            constraint=models.UniqueConstraint(fields=("run", "ticket"), name="bulk_item_once"),
        ),
        migrations.AddConstraint(
            model_name="fielddefinition",
            constraint=models.UniqueConstraint(
                models.F("contract"), django.db.models.functions.text.Lower("label"), name="field_label_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="fielddefinition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "choice"), _negated=True), ("choices__len__gt", 0), _connector="OR"
                ),
                name="field_choice_has_choices",
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(
                condition=models.Q(("ticket", models.F("target")), _negated=True), name="merge_of_two"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("one", models.F("other")), _negated=True), name="link_of_two"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticketlink",
            constraint=models.UniqueConstraint(
                django.db.models.functions.comparison.Least("one", "other"),
                django.db.models.functions.comparison.Greatest("one", "other"),
                models.F("kind"),
                name="link_once",
            ),
        ),
        migrations.AddIndex(
            model_name="tickettag",
            index=models.Index(fields=["tag", "ticket"], name="tag_tickets"),
        ),
        migrations.AddConstraint(
            model_name="tickettag",
            constraint=models.UniqueConstraint(fields=("ticket", "tag"), name="tag_once"),
        ),
        migrations.AddConstraint(
            model_name="watcher",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("contact__isnull", True), ("user__isnull", False)),
                    models.Q(("contact__isnull", False), ("user__isnull", True)),
                    _connector="OR",
                ),
                name="watcher_is_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="watcher",
            constraint=models.UniqueConstraint(fields=("ticket", "user"), name="watcher_user_once"),
        ),
        migrations.AddConstraint(
            model_name="watcher",
            constraint=models.UniqueConstraint(fields=("ticket", "contact"), name="watcher_contact_once"),
        ),
        migrations.RunSQL(KEEP, LET_GO),
    ]

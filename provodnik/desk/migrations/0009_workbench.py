"""Drafts, answers on their way, macros, saved views, preferences, who looks at what."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "__first__"),
        ("core", "0001_initial"),
        ("desk", "0008_teams_rules_complaints"),
    ]

    operations = [
        migrations.CreateModel(
            name="Macro",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=100, verbose_name="title")),
                ("text", models.TextField(blank=True, default="", verbose_name="text")),
                (
                    "mode",
                    models.CharField(
                        choices=[("reply", "Reply"), ("note", "Note"), ("ask", "Ask"), ("close", "Close")],
                        default="reply",
                        max_length=8,
                    ),
                ),
                (
                    "resolution",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("solved", "Solved"),
                            ("not_reproduced", "Not reproduced"),
                            ("user_error", "User error"),
                            ("infrastructure", "Infrastructure"),
                            ("complaint", "Complaint"),
                            ("refused", "Refused to do"),
                            ("withdrawn", "Withdrawn by the user"),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                (
                    "priority",
                    models.CharField(
                        blank=True,
                        choices=[("urgent", "Urgent"), ("high", "High"), ("medium", "Medium"), ("low", "Low")],
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "assign",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Does not change"),
                            ("me", "To whoever uses it"),
                            ("nobody", "Back to the shared queue"),
                            ("person", "To a certain person"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        help_text="ids of tags that are put on",
                        size=None,
                    ),
                ),
                ("used", models.PositiveIntegerField(default=0)),
                ("used_at", models.DateTimeField(null=True)),
                ("changed_at", models.DateTimeField()),
                (
                    "assignee",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="macros",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["title", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("hold", models.PositiveSmallIntegerField(null=True)),
                (
                    "after_close",
                    models.CharField(
                        choices=[
                            ("stay", "Stay at the request"),
                            ("next", "Open the next one of the list"),
                            ("list", "Go back to the list"),
                        ],
                        default="stay",
                        max_length=8,
                    ),
                ),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24), blank=True, default=list, size=None
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("hold", None), ("hold__lte", 60), _connector="OR"),
                        name="preference_hold_bounded",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seen_at", models.DateTimeField()),
                ("writing", models.BooleanField(default=False)),
                (
                    "ticket",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="desk.ticket",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.JSONField(default=dict)),
                ("place", models.PositiveSmallIntegerField(default=0)),
                ("changed_at", models.DateTimeField()),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["place", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Unsent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.UUIDField(
                        default=uuid.uuid4, help_text="the form it came by, and the message's key to be", unique=True
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[("reply", "Reply"), ("note", "Note"), ("ask", "Ask"), ("close", "Close")],
                        default="reply",
                        max_length=8,
                    ),
                ),
                ("text", models.TextField(blank=True, default="")),
                ("resolution", models.CharField(blank=True, default="", max_length=16)),
                (
                    "seen",
                    models.BigIntegerField(
                        default=0, help_text="the last fact of the request that its writer had before him"
                    ),
                ),
                ("changed_at", models.DateTimeField()),
                ("release_at", models.DateTimeField(null=True)),
                (
                    "returned",
                    models.CharField(blank=True, default="", help_text="why it could not be sent", max_length=500),
                ),
                (
                    "macro",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="desk.macro"
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="unsent", to="desk.ticket"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="unsent", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UnsentFile",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                ("content_type", models.CharField(max_length=100)),
                (
                    "blob",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.blob"),
                ),
                (
                    "unsent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="files", to="desk.unsent"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="macro",
            constraint=models.UniqueConstraint(
                condition=models.Q(("owner__isnull", False)), fields=("owner", "title"), name="macro_own_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="macro",
            constraint=models.UniqueConstraint(
                condition=models.Q(("owner__isnull", True)), fields=("title",), name="macro_shared_once"
            ),
        ),
        migrations.AddIndex(
            model_name="presence",
            index=models.Index(fields=["seen_at"], name="presence_seen"),
        ),
        migrations.AddConstraint(
            model_name="presence",
            constraint=models.UniqueConstraint(fields=("ticket", "user"), name="presence_once"),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("owner__isnull", False)), fields=("owner", "name"), name="view_own_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("owner__isnull", True)), fields=("name",), name="view_shared_once"
            ),
        ),
        migrations.AddIndex(
            model_name="unsent",
            index=models.Index(
                condition=models.Q(("release_at__isnull", False)), fields=["release_at"], name="unsent_on_its_way"
            ),
        ),
        migrations.AddIndex(
            model_name="unsent",
            index=models.Index(fields=["user", "-changed_at"], name="unsent_of_user"),
        ),
        migrations.AddConstraint(
            model_name="unsent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("release_at", None)), fields=("ticket", "user"), name="unsent_one_draft"
            ),
        ),
    ]

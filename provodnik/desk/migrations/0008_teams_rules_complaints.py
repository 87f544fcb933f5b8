"""Teams, duties, absences, rules of assignment, escalation, dry runs; complaints."""

import datetime
import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import provodnik.desk.models.customers


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0003_taken_since"),
        ("desk", "0007_contract_target_share"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField(verbose_name="first day")),
                ("ends_on", models.DateField(verbose_name="last day")),
                ("note", models.CharField(blank=True, default="", max_length=200, verbose_name="note")),
            ],
            options={
                "ordering": ["-starts_on", "pk"],
            },
        ),
        migrations.CreateModel(
            name="AssignmentRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField(default=0, verbose_name="order")),
                (
                    "type",
                    models.CharField(
                        blank=True,
                        choices=[("defect", "Defect report"), ("question", "Information request")],
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
                    "way",
                    models.CharField(
                        choices=[
                            ("nobody", "To nobody: the team's shared queue"),
                            ("load", "By load: who has the least"),
                            ("duty", "By duty: who is on duty"),
                            ("turn", "In turn: who was given one longest ago"),
                        ],
                        default="nobody",
                        max_length=8,
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
            ],
            options={
                "ordering": ["position", "pk"],
            },
        ),
        migrations.CreateModel(
            name="DryRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(default=uuid.uuid4, help_text="the form that asked for it", unique=True)),
                ("asked_at", models.DateTimeField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("total", models.PositiveIntegerField(null=True)),
                ("done", models.PositiveIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
                ("report", models.JSONField(blank=True, default=dict)),
            ],
            options={
                "ordering": ["-asked_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="DutyDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("date", models.DateField(verbose_name="date")),
                ("starts", models.TimeField(blank=True, null=True, verbose_name="from")),
                ("ends", models.TimeField(blank=True, null=True, verbose_name="until")),
                ("note", models.CharField(blank=True, default="", max_length=200, verbose_name="note")),
            ],
            options={
                "ordering": ["date", "starts", "pk"],
            },
        ),
        migrations.CreateModel(
            name="DutyShift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("weekday", models.PositiveSmallIntegerField(verbose_name="weekday")),
                ("starts", models.TimeField(verbose_name="from")),
                ("ends", models.TimeField(verbose_name="until")),
            ],
            options={
                "ordering": ["weekday", "starts", "ends", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Escalation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "percent",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="of counted time (R13)",
                        null=True,
                        verbose_name="percent of the allowance",
                    ),
                ),
                (
                    "untaken_minutes",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="of counted time since registration",
                        null=True,
                        verbose_name="minutes without being taken",
                    ),
                ),
                ("urgent_at_once", models.BooleanField(default=True, verbose_name="urgent ones at once")),
            ],
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="name")),
                ("zone", models.CharField(default="Europe/Moscow", max_length=64, verbose_name="time zone")),
                ("urgent_weight", models.PositiveSmallIntegerField(default=8)),
                ("high_weight", models.PositiveSmallIntegerField(default=4)),
                ("medium_weight", models.PositiveSmallIntegerField(default=2)),
                ("low_weight", models.PositiveSmallIntegerField(default=1)),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="TeamMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("given_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "ordering": ["user__full_name"],
            },
        ),
        migrations.AddField(
            model_name="contract",
            name="complaint_allowance",
            field=models.DurationField(
                default=datetime.timedelta(days=1), help_text="of a complaint, whatever its priority"
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="complains_about",
            field=models.ForeignKey(
                db_index=False,
                help_text="whose work the complaint is about: it is never given to him",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="complains_of",
            field=models.ForeignKey(
                db_index=False,
                help_text="of which request it is a complaint (R11)",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="complaints",
                to="desk.ticket",
            ),
        ),
        migrations.AlterField(
            model_name="deadlinenotice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("alarm", "Alarm"),
                    ("soon", "Soon"),
                    ("overdue", "Overdue"),
                    ("share", "Share"),
                    ("untaken", "Untaken"),
                    ("at_once", "At Once"),
                ],
                max_length=8,
            ),
        ),
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
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(("complaint_allowance__gt", datetime.timedelta(0))),
                name="contract_complaint_allowance_positive",
            ),
        ),
        migrations.AddField(
            model_name="absence",
            name="substitute",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="absence",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="absences", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="assignmentrule",
            name="customer",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="desk.customer"
            ),
        ),
        migrations.AddField(
            model_name="assignmentrule",
            name="subsystem",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="desk.subsystem",
            ),
        ),
        migrations.AddField(
            model_name="dryrun",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="dutyday",
            name="user",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="dutyshift",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="lead",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="led_teams",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="escalation",
            name="team",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="escalation",
                to="desk.team",
            ),
        ),
        migrations.AddField(
            model_name="dutyshift",
            name="team",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="shifts", to="desk.team"),
        ),
        migrations.AddField(
            model_name="dutyday",
            name="team",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="duty_days", to="desk.team"
            ),
        ),
        migrations.AddField(
            model_name="assignmentrule",
            name="team",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="rules", to="desk.team"),
        ),
        migrations.AddField(
            model_name="ticket",
            name="team",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="desk.team",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(
                    ("status__in", ["created", "in_progress", "clarification"]), ("team__isnull", False)
                ),
                fields=["team", "queue_rank", "queue_at", "number"],
                name="ticket_queue_team",
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("complains_of__isnull", False)),
                fields=["complains_of", "number"],
                name="ticket_complaints",
            ),
        ),
        migrations.AddField(
            model_name="teammember",
            name="team",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="desk.team"
            ),
        ),
        migrations.AddField(
            model_name="teammember",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="team",
            name="members",
            field=models.ManyToManyField(
                related_name="teams",
                through="desk.TeamMember",
                through_fields=("team", "user"),
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="absence_ends_after_start"
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("substitute__isnull", True),
                    models.Q(("substitute", models.F("user")), _negated=True),
                    _connector="OR",
                ),
                name="absence_not_by_oneself",
            ),
        ),
        migrations.AddConstraint(
            model_name="absence",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[
                    (
                        provodnik.desk.models.customers.DateRange(
                            "starts_on",
                            "ends_on",
                            django.contrib.postgres.fields.ranges.RangeBoundary(
                                inclusive_lower=True, inclusive_upper=True
                            ),
                        ),
                        "&&",
                    ),
                    ("user", "="),
                ],
                name="absence_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.UniqueConstraint(fields=("team",), name="escalation_once", nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.CheckConstraint(
                condition=models.Q(("percent__isnull", True), ("percent__range", (1, 99)), _connector="OR"),
                name="escalation_percent",
            ),
        ),
        migrations.AddConstraint(
            model_name="dutyshift",
            constraint=models.CheckConstraint(condition=models.Q(("weekday__lte", 6)), name="duty_weekday"),
        ),
        migrations.AddConstraint(
            model_name="dutyshift",
            constraint=models.UniqueConstraint(fields=("team", "user", "weekday", "starts"), name="duty_once"),
        ),
        migrations.AddConstraint(
            model_name="dutyday",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ends__isnull", True), ("starts__isnull", True), ("user__isnull", True)),
                    models.Q(("ends__isnull", False), ("starts__isnull", False), ("user__isnull", False)),
                    _connector="OR",
                ),
                name="duty_day_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="dutyday",
            constraint=models.UniqueConstraint(
                fields=("team", "date", "user", "starts"), name="duty_day_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="assignmentrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("way__in", ["nobody", "load", "duty", "turn"])), name="assignment_way_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="teammember",
            constraint=models.UniqueConstraint(fields=("team", "user"), name="team_member_once"),
        ),
    ]

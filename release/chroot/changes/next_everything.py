"""What a release of a month brings to large tables: a table, columns, a backfill of each row, a constraint, indexes."""

import django.db.models.deletion
from django.db import migrations, models

BACKFILL = """
UPDATE desk_ticket SET next_words = left(subject, 60), next_level = CASE priority WHEN 'urgent' THEN 3 ELSE 1 END
"""


class Migration(migrations.Migration):
    dependencies = [("desk", "fix_2_index")]  # a release carries what the fixes before it brought
    operations = [
        migrations.CreateModel(
            name="NextMark",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100)),
                ("ticket", models.ForeignKey("desk.ticket", django.db.models.deletion.CASCADE, related_name="+")),
            ],
        ),
        migrations.AddField("ticket", "next_level", models.SmallIntegerField(default=0, db_default=0)),
        migrations.AddField("ticket", "next_words", models.CharField(max_length=60, default="", db_default="")),
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        migrations.RunSQL("INSERT INTO desk_nextmark (name, ticket_id) SELECT 'new', number FROM desk_ticket"),
        migrations.AddConstraint(
            "ticket",
            models.CheckConstraint(condition=models.Q(next_level__range=(0, 3)), name="desk_ticket_next_level"),
        ),
        migrations.AddIndex(
            "ticket", models.Index(fields=["next_level", "registered_at"], name="desk_ticket_next_level_at")
        ),
        migrations.AddIndex("message", models.Index(fields=["author_name", "at"], name="desk_message_next_author")),
    ]

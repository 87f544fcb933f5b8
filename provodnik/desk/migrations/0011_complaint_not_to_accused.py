"""A complaint is never given to the person it is about: the database refuses it too."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0003_taken_since"),
        ("desk", "0010_links_marks_bulk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("complains_about__isnull", True),
                    ("assignee__isnull", True),
                    models.Q(("assignee", models.F("complains_about")), _negated=True),
                    _connector="OR",
                ),
                name="ticket_complaint_not_to_accused",
            ),
        ),
    ]

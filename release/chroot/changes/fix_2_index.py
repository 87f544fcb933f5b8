"""An index of a large table, made while people write into it."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("desk", "fix_1_column")]
    operations = [AddIndexConcurrently("message", models.Index(fields=["fix_words"], name="desk_message_fix_words"))]

"""What a fix may bring: the release before it can live with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "@LAST@")]
    operations = [
        migrations.CreateModel(
            name="FixMark",
            fields=[("id", models.BigAutoField(primary_key=True, serialize=False)), ("name", models.TextField())],
        ),
        migrations.AddField("message", "fix_words", models.TextField(null=True)),
    ]

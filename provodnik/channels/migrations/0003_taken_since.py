from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels", "0002_may_answer")]

    operations = [
        migrations.AddField(
            model_name="mailbox",
            name="taken_since",
            field=models.DateTimeField(
                blank=True,
                help_text=(
                    "Older letters of the folder are left alone. Empty: those of the last day before the first look."
                ),
                null=True,
                verbose_name="letters since",
            ),
        ),
    ]

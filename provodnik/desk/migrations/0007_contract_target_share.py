from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0006_recounted_contracts'),
    ]

    operations = [
        migrations.AddField(
            model_name='contract',
            name='target_share',
            field=models.PositiveSmallIntegerField(blank=True, help_text="what the contract promises of a month's requests; none: it promises no share", null=True, verbose_name='share to close in time, %'),
        ),
    ]

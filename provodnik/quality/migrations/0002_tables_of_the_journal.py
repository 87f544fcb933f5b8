"""A file may also be of the journal."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('quality', '0001_cases_and_exports'),
    ]

    operations = [
        migrations.AddField(
            model_name='export',
            name='of',
            field=models.CharField(
                choices=[('requests', 'Requests'), ('journal', 'Journal')], default='requests', max_length=16
            ),
        ),
        migrations.AlterField(
            model_name='export',
            name='scope',
            field=models.CharField(help_text='what the asker was allowed to see: see policies.right_to', max_length=64),
        ),
        migrations.AlterField(
            model_name='export',
            name='query',
            field=models.JSONField(default=dict, help_text='what it is narrowed to, as in the address of the page'),
        ),
    ]

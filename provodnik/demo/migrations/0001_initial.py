import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('core', '0002_extensions'),
    ]

    operations = [
        migrations.CreateModel(
            name='DemoLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('envelope_from', models.CharField(blank=True, default='', max_length=320)),
                ('recipients', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=320), size=None)),
                ('sender', models.CharField(blank=True, default='', max_length=320)),
                ('subject', models.CharField(blank=True, default='', max_length=500)),
                ('at', models.DateTimeField(help_text='when it was taken')),
                ('raw', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.blob')),
            ],
            options={
                'indexes': [models.Index(fields=['-at'], name='demo_letter_at')],
            },
        ),
    ]

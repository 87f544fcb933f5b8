"""The index of words also knows in which stretch of numbers a request lies: see desk/queries/found.py."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations, models


def stretch(bits):
    return models.Func(
        models.F("ticket"), template=f"(%(expressions)s >> {bits})", output_field=models.BigIntegerField()
    )


class Migration(migrations.Migration):
    dependencies = [("desk", "0003_production_calendar_days")]
    operations = [
        BtreeGinExtension(),  # trusted since PostgreSQL 13, as those of core
        migrations.RemoveIndex(model_name="ticketsearch", name="search_full"),
        migrations.AddIndex(
            model_name="ticketsearch",
            index=django.contrib.postgres.indexes.GinIndex(
                models.F("full"), stretch(10), stretch(15), name="search_full"
            ),
        ),
    ]

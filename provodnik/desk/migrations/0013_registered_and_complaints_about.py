"""Two indexes: requests by their registration, over the whole archive; complaints by whose work they are about."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('desk', '0012_retention'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(
                condition=models.Q(('complains_about__isnull', False)),
                fields=['complains_about'],
                name='ticket_complaints_about',
            ),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(fields=['registered_at'], name='ticket_registered'),
        ),
    ]

"""The database too refuses to change or delete what was published."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION articles_version_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a published version is never changed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER articles_version_guard BEFORE UPDATE OR DELETE ON articles_version
    FOR EACH ROW EXECUTE FUNCTION articles_version_guard();
CREATE TRIGGER articles_version_files_guard BEFORE UPDATE OR DELETE ON articles_version_files
    FOR EACH ROW EXECUTE FUNCTION articles_version_guard();
"""

ALLOW = """
DROP TRIGGER articles_version_files_guard ON articles_version_files;
DROP TRIGGER articles_version_guard ON articles_version;
DROP FUNCTION articles_version_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("articles", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]

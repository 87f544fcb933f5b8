"""What the database itself keeps and refuses: the paths of units, cycles among them, a rewritten history.

Moves within one organisation stand in line (an advisory lock): of two that would make a cycle only together, the later
sees what the earlier did. Thirty is models.structure.MOST_DEEP; a test compares them.
"""

from django.db import migrations

KEEP = """
CREATE FUNCTION people_unit_path() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    above record;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.parent_id IS NOT DISTINCT FROM OLD.parent_id
       AND NEW.organisation_id = OLD.organisation_id THEN
        IF pg_trigger_depth() < 2 THEN
            NEW.path := OLD.path;  -- nobody but the trigger below writes it
        END IF;
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(7411, (NEW.organisation_id % 2147483647)::integer);
    IF TG_OP = 'UPDATE' AND NEW.organisation_id <> OLD.organisation_id THEN
        RAISE EXCEPTION 'a unit never changes its organisation' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.parent_id IS NULL THEN
        NEW.path := ARRAY[NEW.id];
    ELSE
        SELECT path, organisation_id INTO above FROM people_unit WHERE id = NEW.parent_id;
        IF above.path IS NULL THEN
            RAISE EXCEPTION 'the unit above does not exist' USING ERRCODE = 'foreign_key_violation';
        END IF;
        IF above.organisation_id <> NEW.organisation_id THEN
            RAISE EXCEPTION 'the unit above is of another organisation' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.id = ANY (above.path) THEN
            RAISE EXCEPTION 'the unit would stand above itself' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        NEW.path := above.path || NEW.id;
    END IF;
    IF cardinality(NEW.path) > 30 THEN
        RAISE EXCEPTION 'the tree of units is too deep' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER people_unit_path BEFORE INSERT OR UPDATE ON people_unit
    FOR EACH ROW EXECUTE FUNCTION people_unit_path();

CREATE FUNCTION people_unit_branch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM people_unit WHERE path @> ARRAY[NEW.id]
               AND cardinality(path) - cardinality(OLD.path) + cardinality(NEW.path) > 30) THEN
        RAISE EXCEPTION 'the tree of units is too deep' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    UPDATE people_unit SET path = NEW.path || path[cardinality(OLD.path) + 1 :]
    WHERE path @> ARRAY[NEW.id] AND id <> NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER people_unit_branch AFTER UPDATE ON people_unit
    FOR EACH ROW WHEN (NEW.parent_id IS DISTINCT FROM OLD.parent_id) EXECUTE FUNCTION people_unit_branch();

CREATE FUNCTION people_history_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is written once' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER people_event_guard BEFORE UPDATE OR DELETE ON people_peopleevent
    FOR EACH ROW EXECUTE FUNCTION people_history_guard();
"""

LET_GO = """
DROP TRIGGER people_event_guard ON people_peopleevent;
DROP FUNCTION people_history_guard();
DROP TRIGGER people_unit_branch ON people_unit;
DROP FUNCTION people_unit_branch();
DROP TRIGGER people_unit_path ON people_unit;
DROP FUNCTION people_unit_path();
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunSQL(KEEP, LET_GO)]

"""What the database itself refuses: another text under what was signed, a consent that is not its edition's, one that
comes to life again or is dated anew, a rewritten history."""

from django.db import migrations

KEEP = """
CREATE FUNCTION consents_edition_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.organisation_id, NEW.about) <> (OLD.organisation_id, OLD.about) THEN
        RAISE EXCEPTION 'an edition never changes whose it is' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (NEW.name, NEW.text, NEW.since) <> (OLD.name, OLD.text, OLD.since)
       AND EXISTS (SELECT FROM consents_consent WHERE edition_id = OLD.id) THEN
        RAISE EXCEPTION 'somebody has signed this edition' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER consents_edition_guard BEFORE UPDATE ON consents_edition
    FOR EACH ROW EXECUTE FUNCTION consents_edition_guard();

CREATE FUNCTION consents_consent_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NOT EXISTS (SELECT FROM consents_edition WHERE id = NEW.edition_id
                       AND organisation_id = NEW.organisation_id AND about = NEW.about) THEN
            RAISE EXCEPTION 'the edition is of something else' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.key, NEW.organisation_id, NEW.about, NEW.edition_id, NEW.given_on, NEW.marked_at, NEW.marked_by_id)
       <> (OLD.key, OLD.organisation_id, OLD.about, OLD.edition_id, OLD.given_on, OLD.marked_at, OLD.marked_by_id) THEN
        RAISE EXCEPTION 'a consent is never dated anew' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.standing <> OLD.standing AND NEW.standing <> 'mistake' AND OLD.standing <> 'given' THEN
        RAISE EXCEPTION 'what has ended does not begin again' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.standing <> OLD.standing AND OLD.standing = 'mistake' THEN
        RAISE EXCEPTION 'a mistake stays one' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER consents_consent_guard BEFORE INSERT OR UPDATE ON consents_consent
    FOR EACH ROW EXECUTE FUNCTION consents_consent_guard();

CREATE FUNCTION consents_step_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is written once' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER consents_step_guard BEFORE UPDATE OR DELETE ON consents_consentstep
    FOR EACH ROW EXECUTE FUNCTION consents_step_guard();
"""

LET_GO = """
DROP TRIGGER consents_step_guard ON consents_consentstep;
DROP FUNCTION consents_step_guard();
DROP TRIGGER consents_consent_guard ON consents_consent;
DROP FUNCTION consents_consent_guard();
DROP TRIGGER consents_edition_guard ON consents_edition;
DROP FUNCTION consents_edition_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("consents", "0001_initial")]
    operations = [migrations.RunSQL(KEEP, LET_GO)]

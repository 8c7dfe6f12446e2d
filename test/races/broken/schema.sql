-- Without these keys, the database does not prevent a second row.
ALTER TABLE grants DROP CONSTRAINT grants_pkey;
ALTER TABLE accounts DROP CONSTRAINT accounts_pkey, DROP CONSTRAINT accounts_username_key_key;

-- Instead, a trigger checks that the name is free, pauses, and then inserts it.
CREATE FUNCTION check_then_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM accounts WHERE username_key = NEW.username_key) THEN
    RETURN NULL;
  END IF;
  PERFORM pg_sleep(0.2);
  RETURN NEW;
END $$;
CREATE TRIGGER check_then_insert BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION check_then_insert();

-- A refresh reads the grant and saves it later, so a revocation in between is lost.
CREATE FUNCTION save_as_read() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  read timestamptz := (SELECT max(revoked_at) FROM grants WHERE id = NEW.grant_id);
BEGIN
  PERFORM pg_sleep(0.05);
  UPDATE grants SET revoked_at = read WHERE id = NEW.grant_id;
  RETURN NULL;
END $$;
CREATE TRIGGER save_as_read AFTER UPDATE ON refresh_tokens FOR EACH ROW EXECUTE FUNCTION save_as_read();

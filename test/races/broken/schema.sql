-- The keys that would stop a second row, whatever the store does.
ALTER TABLE grants DROP CONSTRAINT grants_pkey;
ALTER TABLE accounts DROP CONSTRAINT accounts_pkey, DROP CONSTRAINT accounts_username_key_key;

-- In their place a store that looks whether the name is free, and then takes it.
CREATE FUNCTION look_then_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM accounts WHERE username_key = NEW.username_key) THEN
    RETURN NULL;
  END IF;
  PERFORM pg_sleep(0.2);
  RETURN NEW;
END $$;
CREATE TRIGGER look_then_insert BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION look_then_insert();

-- A refresh that reads the whole grant, and then saves the whole grant: what another wrote in between is lost.
CREATE FUNCTION save_as_read() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  read timestamptz := (SELECT max(revoked_at) FROM grants WHERE id = NEW.grant_id);
BEGIN
  PERFORM pg_sleep(0.05);
  UPDATE grants SET revoked_at = read WHERE id = NEW.grant_id;
  RETURN NULL;
END $$;
CREATE TRIGGER save_as_read AFTER UPDATE ON refresh_tokens FOR EACH ROW EXECUTE FUNCTION save_as_read();

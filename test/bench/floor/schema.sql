-- The tables of the floor have the necessary columns only. Keys begin with a time, so new rows are stored together.
CREATE TABLE clients (
  client_id text PRIMARY KEY, secret_hash bytea NOT NULL, name text NOT NULL, redirect_uri text NOT NULL, scope text NOT NULL
);
CREATE TABLE users (
  sub text PRIMARY KEY, username text NOT NULL UNIQUE, password_hash text NOT NULL, profile jsonb NOT NULL, locked boolean NOT NULL
);
CREATE TABLE sessions (
  expires_at timestamptz, hash bytea, sid uuid NOT NULL, sub text NOT NULL, auth_time timestamptz NOT NULL,
  PRIMARY KEY (expires_at, hash)
);
CREATE TABLE requests (
  expires_at timestamptz, hash bytea, browser_hash bytea NOT NULL, request jsonb NOT NULL, PRIMARY KEY (expires_at, hash)
);
CREATE TABLE consents (sub text, client_id text, scope text NOT NULL, granted_at timestamptz NOT NULL, PRIMARY KEY (sub, client_id));
CREATE TABLE codes (
  expires_at timestamptz, hash bytea, grant_id uuid NOT NULL, client_id text NOT NULL, sub text NOT NULL, scope text NOT NULL,
  redirect_uri text NOT NULL, challenge text NOT NULL, nonce text, sid uuid NOT NULL, auth_time timestamptz NOT NULL,
  redeemed_at timestamptz, PRIMARY KEY (expires_at, hash)
);
CREATE TABLE grants (
  id uuid PRIMARY KEY, expires_at timestamptz NOT NULL, client_id text NOT NULL, sub text NOT NULL, scope text NOT NULL,
  sid uuid NOT NULL, auth_time timestamptz NOT NULL, revoked_at timestamptz
);
CREATE TABLE access_tokens (
  expires_at timestamptz, hash bytea, grant_id uuid, client_id text NOT NULL, scope text NOT NULL, PRIMARY KEY (expires_at, hash)
);
CREATE TABLE refresh_tokens (
  expires_at timestamptz, hash bytea, grant_id uuid NOT NULL, rotated_at timestamptz, PRIMARY KEY (expires_at, hash)
);
CREATE TABLE events (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, type text NOT NULL, subject text NOT NULL, time timestamptz NOT NULL,
  data jsonb NOT NULL
);

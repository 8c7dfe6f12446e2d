-- The tables of the adapter for oidc-provider: one for each model, with an index for each lookup.
CREATE TABLE authorization_code (id text PRIMARY KEY, payload jsonb NOT NULL, expires_at timestamptz, consumed_at timestamptz, grant_id text);
CREATE INDEX ON authorization_code (expires_at);
CREATE INDEX ON authorization_code (grant_id);
CREATE TABLE access_token (id text PRIMARY KEY, payload jsonb NOT NULL, expires_at timestamptz, consumed_at timestamptz, grant_id text);
CREATE INDEX ON access_token (expires_at);
CREATE INDEX ON access_token (grant_id);
CREATE TABLE refresh_token (id text PRIMARY KEY, payload jsonb NOT NULL, expires_at timestamptz, consumed_at timestamptz, grant_id text);
CREATE INDEX ON refresh_token (expires_at);
CREATE INDEX ON refresh_token (grant_id);
CREATE TABLE client_credentials (id text PRIMARY KEY, payload jsonb NOT NULL, expires_at timestamptz, consumed_at timestamptz);
CREATE INDEX ON client_credentials (expires_at);
CREATE TABLE "grant" (id text PRIMARY KEY, payload jsonb NOT NULL, expires_at timestamptz, consumed_at timestamptz);
CREATE INDEX ON "grant" (expires_at);
CREATE TABLE session (id text PRIMARY KEY, payload jsonb NOT NULL, expires_at timestamptz, consumed_at timestamptz, uid text);
CREATE INDEX ON session (expires_at);
CREATE UNIQUE INDEX ON session (uid);
CREATE TABLE interaction (id text PRIMARY KEY, payload jsonb NOT NULL, expires_at timestamptz, consumed_at timestamptz);
CREATE INDEX ON interaction (expires_at);
CREATE TABLE replay_detection (id text PRIMARY KEY, payload jsonb NOT NULL, expires_at timestamptz, consumed_at timestamptz);
CREATE INDEX ON replay_detection (expires_at);
CREATE TABLE users (
  sub text PRIMARY KEY, username text NOT NULL UNIQUE, password_hash text NOT NULL, profile jsonb NOT NULL, locked boolean NOT NULL
);

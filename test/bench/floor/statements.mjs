/** One statement for each operation, which checks, changes and records everything. */

const EVENT_OF_GRANT = 'jsonb_build_object(\'grant_id\', grant_id, \'client_id\', client_id, \'sub\', sub, \'scope\', scope)';

/**
 * $1 now, $2 hash and $3 expiry of the session, $4 hash and $5 expiry of the code, $6 grant, $7 client, $8 scope, $9 URI,
 * $10 challenge, $11 nonce
 */
export const issueCode = {
  name: 'issue_code',
  text: `WITH allowed AS (
           SELECT s.sub, s.sid, s.auth_time FROM sessions s JOIN consents c ON c.sub = s.sub AND c.client_id = $7
           WHERE s.expires_at = $3 AND s.hash = $2 AND string_to_array(c.scope, ' ') @> string_to_array($8, ' ')
         ), code AS (
           INSERT INTO codes (expires_at, hash, grant_id, client_id, sub, scope, redirect_uri, challenge, nonce, sid, auth_time)
           SELECT $5, $4, $6, $7, sub, $8, $9, $10, $11, sid, auth_time FROM allowed RETURNING grant_id, client_id, sub, scope
         ), recorded AS (
           INSERT INTO events (type, subject, time, data)
           SELECT type, grant_id, $1, ${EVENT_OF_GRANT} FROM code, unnest(ARRAY['authorization-requested', 'code-issued']) AS type
         )
         SELECT FROM code`,
};

/** $1 now, $2 expiry and $3 hash of the request, $4 of the browser, $5 request, $6 client */
export const storeRequest = {
  name: 'store_request',
  text: `WITH stored AS (INSERT INTO requests (expires_at, hash, browser_hash, request) VALUES ($2, $3, $4, $5))
         INSERT INTO events (type, subject, time, data)
         VALUES ('authorization-requested', $6, $1, jsonb_build_object('client_id', $6::text))`,
};

export const findUser = { name: 'find_user', text: 'SELECT sub, password_hash FROM users WHERE username = $1 AND NOT locked' };

/** $1 now, $2 expiry and $3 hash of the session, $4 sid, $5 sub */
export const startSession = {
  name: 'start_session',
  text: `WITH started AS (INSERT INTO sessions (expires_at, hash, sid, sub, auth_time) VALUES ($2, $3, $4, $5, $1))
         INSERT INTO events (type, subject, time, data)
         SELECT type, $5, $1, jsonb_build_object('sub', $5::text, 'sid', $4::text)
         FROM unnest(ARRAY['login-succeeded', 'session-started']) AS type`,
};

export const showConsent = {
  name: 'show_consent',
  text: `SELECT r.request, u.username FROM requests r, sessions s JOIN users u ON u.sub = s.sub
         WHERE r.expires_at = $1 AND r.hash = $2 AND r.browser_hash = $3 AND s.expires_at = $4 AND s.hash = $5`,
};

/**
 * $1 now, $2 expiry, $3 hash, $4 browser of the request, $5 expiry and $6 hash of the session, $7 expiry and $8 hash of the code,
 * $9 grant
 */
export const allow = {
  name: 'allow',
  text: `WITH completed AS (
           DELETE FROM requests WHERE expires_at = $2 AND hash = $3 AND browser_hash = $4 RETURNING request
         ), allowed AS (
           SELECT r.request, s.sub, s.sid, s.auth_time FROM completed r, sessions s WHERE s.expires_at = $5 AND s.hash = $6
         ), consented AS (
           INSERT INTO consents (sub, client_id, scope, granted_at) SELECT sub, request->>'client_id', request->>'scope', $1 FROM allowed
           ON CONFLICT (sub, client_id) DO UPDATE SET scope = excluded.scope, granted_at = excluded.granted_at
         ), code AS (
           INSERT INTO codes (expires_at, hash, grant_id, client_id, sub, scope, redirect_uri, challenge, nonce, sid, auth_time)
           SELECT $7, $8, $9, request->>'client_id', sub, request->>'scope', request->>'redirect_uri', request->>'code_challenge',
                  request->>'nonce', sid, auth_time FROM allowed RETURNING grant_id, client_id, sub, scope
         ), recorded AS (
           INSERT INTO events (type, subject, time, data)
           SELECT type, grant_id, $1, ${EVENT_OF_GRANT} FROM code, unnest(ARRAY['consent-granted', 'code-issued']) AS type
         )
         SELECT request FROM allowed`,
};

/**
 * $1 now, $2 expiry and $3 hash of the code, $4 client, $5 URI, $6 challenge, $7 $8 access token, $9 $10 refresh token,
 * $11 end of the grant
 */
export const redeem = {
  name: 'redeem',
  text: `WITH claimed AS (
           UPDATE codes SET redeemed_at = $1
           WHERE expires_at = $2 AND hash = $3 AND redeemed_at IS NULL AND client_id = $4 AND redirect_uri = $5 AND challenge = $6
           RETURNING grant_id, client_id, sub, scope, nonce, sid, auth_time
         ), granted AS (
           INSERT INTO grants (id, expires_at, client_id, sub, scope, sid, auth_time)
           SELECT grant_id, $11, client_id, sub, scope, sid, auth_time FROM claimed
         ), access AS (
           INSERT INTO access_tokens (expires_at, hash, grant_id, client_id, scope) SELECT $7, $8, grant_id, client_id, scope FROM claimed
         ), refresh AS (
           INSERT INTO refresh_tokens (expires_at, hash, grant_id) SELECT $9, $10, grant_id FROM claimed
         ), recorded AS (
           INSERT INTO events (type, subject, time, data)
           SELECT type, grant_id, $1, ${EVENT_OF_GRANT} FROM claimed, unnest(ARRAY['code-redeemed', 'tokens-issued']) AS type
         )
         SELECT c.* FROM claimed c JOIN users u ON u.sub = c.sub WHERE NOT u.locked`,
};

/** $1 now, $2 expiry and $3 hash of the token, $4 client, $5 $6 access token, $7 $8 successor */
export const refresh = {
  name: 'refresh',
  text: `WITH claimed AS (
           UPDATE refresh_tokens t SET rotated_at = $1 FROM grants g
           WHERE t.expires_at = $2 AND t.hash = $3 AND t.rotated_at IS NULL
             AND g.id = t.grant_id AND g.client_id = $4 AND g.revoked_at IS NULL AND g.expires_at > $1
           RETURNING t.grant_id, g.client_id, g.sub, g.scope, g.sid, g.auth_time
         ), access AS (
           INSERT INTO access_tokens (expires_at, hash, grant_id, client_id, scope) SELECT $5, $6, grant_id, client_id, scope FROM claimed
         ), successor AS (
           INSERT INTO refresh_tokens (expires_at, hash, grant_id) SELECT $7, $8, grant_id FROM claimed
         ), recorded AS (
           INSERT INTO events (type, subject, time, data) SELECT 'tokens-refreshed', grant_id, $1, ${EVENT_OF_GRANT} FROM claimed
         )
         SELECT c.* FROM claimed c JOIN users u ON u.sub = c.sub WHERE NOT u.locked`,
};

/** $1 now, $2 expiry and $3 hash of the access token, $4 client, $5 scope */
export const clientCredentials = {
  name: 'client_credentials',
  text: `WITH access AS (INSERT INTO access_tokens (expires_at, hash, client_id, scope) VALUES ($2, $3, $4, $5))
         INSERT INTO events (type, subject, time, data)
         VALUES ('tokens-issued', $4, $1, jsonb_build_object('client_id', $4::text, 'scope', $5::text))`,
};

export const userinfo = {
  name: 'userinfo',
  text: `SELECT u.sub, u.profile, t.scope FROM access_tokens t JOIN grants g ON g.id = t.grant_id JOIN users u ON u.sub = g.sub
         WHERE t.expires_at = $1 AND t.hash = $2 AND g.revoked_at IS NULL AND NOT u.locked`,
};

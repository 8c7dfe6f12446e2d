/**
 * Breaks the store on purpose, so the races must find violations. Loaded before the built server (`node --import`), it rewrites each
 * conditional write on its way to Postgres: the condition is checked first, a pause follows, and the write has no condition. The file
 * schema.sql removes the conditions that are part of the schema.
 */
import pg from 'pg';

const PAUSE = 'pg_sleep(0.02)';
const CODE = String.raw`(WHERE )(expires_at = \$\d+ AND hash = \$\d+)`;

const REWRITES = [
  // The write takes the current time, which may be after an expiry that the check has not seen.
  [/SET redeemed_at = (\$\d+)/, 'SET redeemed_at = greatest($1, clock_timestamp())'],
  [
    new RegExp(String.raw`(UPDATE authorization_codes[^;]*?)${CODE} AND redeemed_at IS NULL`),
    `$1$2$3 AND (SELECT redeemed_at IS NULL FROM authorization_codes, ${PAUSE} WHERE $3)`,
  ],
  [
    new RegExp(String.raw`(UPDATE authorization_codes[^;]*?)${CODE}( AND held\.spent) AND replayed_at IS NULL`),
    `$1$2$3$4 AND (SELECT replayed_at IS NULL FROM authorization_codes, ${PAUSE} WHERE $3)`,
  ],
  [
    /(UPDATE refresh_tokens t [^;]*?WHERE )(t\.expires_at = \$\d+ AND t\.hash = \$\d+) AND t\.rotated_at IS NULL/,
    `$1$2 AND (SELECT t.rotated_at IS NULL FROM refresh_tokens t, ${PAUSE} WHERE $2)`,
  ],
  [
    /(UPDATE "(accounts|clients)" [^;]*?WHERE \()("(?:sub|client_id)" = \$\d+) AND "version" = (\$\d+)/,
    `$1$3 AND (SELECT "version" = $4 FROM "$2", ${PAUSE} WHERE $3)`,
  ],
  // Servers that start at the same time do not wait for each other: both find an empty database.
  [/^\s*CREATE TABLE outbox/, 'SELECT pg_sleep(0.5); $&'],
  [/pg_advisory_lock\((\$\d+)\)/, 'pg_sleep(0 * $1)'],
];

const rewrite = (statement) => REWRITES.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), statement);

const { parse, query: send } = pg.Connection.prototype;

/** Every statement with parameters passes through this method once on each connection. */
pg.Connection.prototype.parse = function (query) {
  return parse.call(this, { ...query, text: rewrite(query.text) });
};

/** Every statement without parameters passes through this one. */
pg.Connection.prototype.query = function (text) {
  return send.call(this, rewrite(text));
};

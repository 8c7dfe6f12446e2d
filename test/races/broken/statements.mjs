/**
 * A server that checks first and then writes: loaded in front of the built one (`node --import`), it takes each conditional
 * write apart on its way to Postgres. The condition becomes a question of its own, asked before a pause, and the write that
 * follows no longer asks it. What no statement can be robbed of lies in schema.sql. Here for the races to fail.
 */
import pg from 'pg';

const PAUSE = 'pg_sleep(0.02)';
const CODE = String.raw`(WHERE )(expires_at = \$\d+ AND hash = \$\d+)`;

const APART = [
  // The write has its own time, so that it may come after an expiry that the check did not see yet.
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
  // Servers that start at once no longer take turns, and both find an empty database before either of them fills it.
  [/^\s*CREATE TABLE outbox/, 'SELECT pg_sleep(0.5); $&'],
  [/pg_advisory_lock\((\$\d+)\)/, 'pg_sleep(0 * $1)'],
];

const takeApart = (statement) => APART.reduce((text, [whole, apart]) => text.replace(whole, apart), statement);

const { parse, query: send } = pg.Connection.prototype;

/** Every statement with parameters passes here once on each connection, whoever sends it. */
pg.Connection.prototype.parse = function (query) {
  return parse.call(this, { ...query, text: takeApart(query.text) });
};

/** And those without. */
pg.Connection.prototype.query = function (text) {
  return send.call(this, takeApart(text));
};

/** A careful Postgres adapter for oidc-provider: a table for each model (schema.sql), indexes, named statements. */

const WITH_GRANT = ['AccessToken', 'AuthorizationCode', 'RefreshToken'];

const tableOf = (model) => model.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

export function adapterOn(pool) {
  return class PostgresAdapter {
    #statements;
    #owner;

    constructor(model) {
      this.#owner = WITH_GRANT.includes(model) ? 'grantId' : model === 'Session' ? 'uid' : undefined;
      this.#statements = statementsOf(tableOf(model), { grantId: 'grant_id', uid: 'uid' }[this.#owner]);
    }

    async upsert(id, payload, expiresIn) {
      const expiresAt = expiresIn === undefined ? null : new Date(Date.now() + expiresIn * 1000);
      const owner = this.#owner === undefined ? [] : [payload[this.#owner] ?? null];
      await this.#run('upsert', [id, JSON.stringify(payload), expiresAt, ...owner]);
    }

    find(id) {
      return this.#one('find', [id]);
    }

    findByUid(uid) {
      return this.#one('findByUid', [uid]);
    }

    async findByUserCode() {
      return undefined;
    }

    async consume(id) {
      await this.#run('consume', [id]);
    }

    async destroy(id) {
      await this.#run('destroy', [id]);
    }

    async revokeByGrantId(grantId) {
      await this.#run('revokeByGrantId', [grantId]);
    }

    async #one(name, values) {
      const [row] = await this.#run(name, values);
      return row && (row.consumed === null ? row.payload : { ...row.payload, consumed: row.consumed });
    }

    async #run(name, values) {
      const { rows } = await pool.query({ ...this.#statements[name], values });
      return rows;
    }
  };
}

function statementsOf(table, owner) {
  const select = `SELECT payload, extract(epoch FROM consumed_at)::int AS consumed FROM "${table}"`;
  const alive = '(expires_at IS NULL OR expires_at > now())';
  const [column, value, set] = owner === undefined ? ['', '', ''] : [`, ${owner}`, ', $4', `, ${owner} = excluded.${owner}`];
  const texts = {
    upsert: `INSERT INTO "${table}" (id, payload, expires_at${column}) VALUES ($1, $2, $3${value})
             ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at${set}`,
    find: `${select} WHERE id = $1 AND ${alive}`,
    findByUid: `${select} WHERE uid = $1 AND ${alive}`,
    consume: `UPDATE "${table}" SET consumed_at = now() WHERE id = $1`,
    destroy: `DELETE FROM "${table}" WHERE id = $1`,
    revokeByGrantId: `DELETE FROM "${table}" WHERE grant_id = $1`,
  };
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, { name: `${table}_${name}`, text }]));
}

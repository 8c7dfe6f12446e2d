import { createHash } from 'node:crypto';
import { isAbsolute, resolve } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { ConfigError, readConfig } from './config.js';
import { createAdapter } from '../http/set-up-http.js';

const RANDOM = 'q7Zr0Xw9Lk2mVb5nTy8uHj3fGd6sPa1eQ4cR';
const OTHER = 'Jm4xW8pL1vN6zK3bT9qY2sF5hD7gC0rUeXaZ';
const DATABASE = 'postgres://gatehouse:hunter2@db.internal:5432/gatehouse';

function problems(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the configuration of an empty environment', () => {
  it('has the embedded database with the demo, on the loopback interface', () => {
    expect(readConfig({})).toEqual({
      port: 9000,
      host: '127.0.0.1',
      issuer: 'http://localhost:9000',
      databaseUrl: undefined,
      dataDirectory: resolve('.gatehouse'),
      secrets: undefined,
      adminSecret: undefined,
      demo: true,
      clientAuthentication: 'lenient',
      trustedProxies: ['loopback'],
      metrics: 'main-port',
      traces: false,
      logLevel: 'info',
      production: false,
    });
  });

  it('listens on every interface and has no demo in production', () => {
    const production = readConfig({ NODE_ENV: 'production', GATEHOUSE_SECRET: RANDOM });
    expect(production).toMatchObject({ host: '0.0.0.0', demo: false, production: true });
  });

  it('is the same if every variable is empty', () => {
    const common = ['PORT', 'HOST', 'DATABASE_URL', 'LOG_LEVEL', 'NODE_ENV', 'OTEL_TRACES_EXPORTER'];
    const ours = ['ISSUER', 'DATA', 'SECRET', 'ADMIN_SECRET', 'DEMO', 'CLIENT_AUTHENTICATION', 'TRUSTED_PROXIES', 'METRICS_PORT'];
    const all = [...common, ...ours.map((name) => `GATEHOUSE_${name}`)];
    expect(readConfig(Object.fromEntries(all.map((name) => [name, ''])))).toEqual(readConfig({}));
  });
});

describe('a configuration', () => {
  const full = readConfig({
    PORT: '8443',
    HOST: '10.0.0.1',
    DATABASE_URL: DATABASE,
    GATEHOUSE_ISSUER: 'https://id.company.test/tenant',
    GATEHOUSE_DATA: '/var/lib/gatehouse',
    GATEHOUSE_SECRET: `${RANDOM}, ${OTHER}`,
    GATEHOUSE_ADMIN_SECRET: OTHER,
    GATEHOUSE_CLIENT_AUTHENTICATION: 'strict',
    GATEHOUSE_TRUSTED_PROXIES: 'loopback, 10.0.0.0/8,2001:db8::1',
    GATEHOUSE_METRICS_PORT: '9100',
    GATEHOUSE_METRICS_HOST: '10.0.0.2',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.internal:4318',
    LOG_LEVEL: 'debug',
    NODE_ENV: 'production',
  });

  it('has the value of every variable', () => {
    expect(full).toMatchObject({
      port: 8443,
      host: '10.0.0.1',
      issuer: 'https://id.company.test/tenant',
      demo: false,
      clientAuthentication: 'strict',
      trustedProxies: ['loopback', '10.0.0.0/8', '2001:db8::1'],
      metrics: { port: 9100, host: '10.0.0.2' },
      traces: true,
      logLevel: 'debug',
    });
    expect(isAbsolute(full.dataDirectory)).toBe(true);
    expect(full.databaseUrl?.reveal()).toBe(DATABASE);
    expect(full.secrets?.map((secret) => secret.reveal())).toEqual([RANDOM, OTHER]);
    expect(full.adminSecret?.reveal()).toBe(OTHER);
  });

  it('is frozen and shows no secret when printed', () => {
    expect([Object.isFrozen(full), Object.isFrozen(full.secrets)]).toEqual([true, true]);
    for (const printed of [inspect(full, { depth: 9 }), JSON.stringify(full)]) {
      expect(printed).not.toContain('hunter2');
      expect(printed).not.toContain(RANDOM);
      expect(printed).not.toContain(OTHER);
    }
  });

  it('has the port in its default issuer, and port 0 for a free port', () => {
    expect(readConfig({ PORT: '8080' }).issuer).toBe('http://localhost:8080');
    expect(readConfig({ PORT: '80' }).issuer).toBe('http://localhost');
    expect(readConfig({ PORT: '0' }).port).toBe(0);
  });

  it('has no demo with DATABASE_URL', () => {
    const env = { DATABASE_URL: DATABASE, GATEHOUSE_SECRET: RANDOM };
    expect(readConfig(env).demo).toBe(false);
    expect(problems({ ...env, GATEHOUSE_DEMO: 'on' })).toEqual([expect.stringMatching(/^GATEHOUSE_DEMO must be off with DATABASE_URL/)]);
    expect(readConfig({ GATEHOUSE_DEMO: 'off' }).demo).toBe(false);
  });
});

const ranges = ['10.0.0.0/1', '192.0.2.0/24 , ::1', 'fc00::/7', '2001:db8::1/128'];

it.each(['loopback', 'linklocal,uniquelocal', '10.0.0.1', '::ffff:10.0.0.1', ...ranges])(
  'the proxies %j are accepted, by Fastify too',
  (proxies) => {
    const { issuer, trustedProxies } = readConfig({ GATEHOUSE_TRUSTED_PROXIES: proxies });
    expect(trustedProxies).toEqual(proxies.split(',').map((each) => each.trim()));
    expect(() => createAdapter({ issuer, trustedProxies })).not.toThrow();
  },
);

describe('a wrong variable', () => {
  it.each([
    [{ PORT: '65536' }],
    [{ PORT: '-1' }],
    [{ PORT: '9000x' }],
    [{ PORT: '1e3' }],
    [{ LOG_LEVEL: 'loud' }],
    [{ GATEHOUSE_DEMO: 'maybe' }],
    [{ GATEHOUSE_CLIENT_AUTHENTICATION: 'Strict' }],
    [{ DATABASE_URL: 'mysql://db/gatehouse', GATEHOUSE_SECRET: RANDOM }],
    [{ DATABASE_URL: 'gatehouse', GATEHOUSE_SECRET: RANDOM }],
    [{ GATEHOUSE_TRUSTED_PROXIES: 'proxy.internal' }],
    [{ GATEHOUSE_TRUSTED_PROXIES: 'true' }],
    [{ GATEHOUSE_TRUSTED_PROXIES: '1' }],
    [{ GATEHOUSE_TRUSTED_PROXIES: '10.0.0' }],
    [{ GATEHOUSE_TRUSTED_PROXIES: '10.0.0.1,' }],
    [{ GATEHOUSE_TRUSTED_PROXIES: '0.0.0.0/0' }],
    [{ GATEHOUSE_TRUSTED_PROXIES: '::/0' }],
    [{ GATEHOUSE_TRUSTED_PROXIES: '10.0.0.0/33' }],
    [{ GATEHOUSE_TRUSTED_PROXIES: '10.0.0.0/' }],
    [{ GATEHOUSE_TRUSTED_PROXIES: '10.0.0.0/8/8' }],
    [{ GATEHOUSE_TRUSTED_PROXIES: 'loopback/8' }],
    [{ GATEHOUSE_METRICS_PORT: 'metrics' }],
    [{ GATEHOUSE_METRICS_PORT: '9000' }],
    [{ GATEHOUSE_METRICS_HOST: '0.0.0.0' }],
    [{ OTEL_TRACES_EXPORTER: 'console' }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_TRACES_EXPORTER: 'otlp' }],
    [{ OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' }],
    [{ GATEHOUSE_SECRET: RANDOM.slice(0, 31) }],
    [{ GATEHOUSE_SECRET: `${RANDOM},short` }],
    [{ GATEHOUSE_SECRET: `${RANDOM},` }],
    [{ GATEHOUSE_ISSUER: 'localhost:9000' }],
    [{ GATEHOUSE_ISSUER: 'ftp://id.company.test' }],
    [{ GATEHOUSE_ISSUER: 'https://id.company.test/' }],
    [{ GATEHOUSE_ISSUER: 'https://id.company.test/tenant/' }],
    [{ GATEHOUSE_ISSUER: 'https://id.company.test?' }],
    [{ GATEHOUSE_ISSUER: 'https://id.company.test/a?b=c' }],
    [{ GATEHOUSE_ISSUER: 'https://id.company.test#' }],
    [{ GATEHOUSE_ISSUER: 'https://user:pw@id.company.test' }],
    [{ GATEHOUSE_ISSUER: 'https://@id.company.test' }],
    [{ GATEHOUSE_ISSUER: 'https://ID.company.test' }],
    [{ GATEHOUSE_ISSUER: 'https://id.company.test:443' }],
    [{ GATEHOUSE_ISSUER: ' https://id.company.test' }],
    [{ GATEHOUSE_ISSUER: 'https://id.company.test/a/../b' }],
    [{ GATEHOUSE_ISSUER: 'https:\\\\id.company.test' }],
  ])('is reported in one sentence: %j', (env) => {
    const found = problems(env);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^${Object.keys(env)[0] ?? ''} .+\\.$`));
  });

  it('is reported together with all others, and without the values of secrets', () => {
    const env = { PORT: 'x', DATABASE_URL: 'hunter2', GATEHOUSE_SECRET: 'hunter3', LOG_LEVEL: 'x' };
    expect(problems(env)).toHaveLength(4);
    expect(() => readConfig(env)).toThrow(ConfigError);
    expect(() => readConfig(env)).not.toThrow(/hunter/);
  });

  it('is reported if GATEHOUSE_SECRET is missing with DATABASE_URL', () => {
    expect(problems({ DATABASE_URL: DATABASE })).toEqual([expect.stringMatching(/^GATEHOUSE_SECRET is required/)]);
  });

  it.each([
    ['GATEHOUSE_SECRETS', 'GATEHOUSE_SECRET'],
    ['GATEHOUSE_ISUER', 'GATEHOUSE_ISSUER'],
    ['GATEHOUSE_CLIENT_AUTHENTIFICATION', 'GATEHOUSE_CLIENT_AUTHENTICATION'],
    ['GATEHOUSE_demo', 'GATEHOUSE_DEMO'],
  ])('is also a misspelt one: %s gets the hint %s', (name, hint) => {
    expect(problems({ [name]: 'x' })).toEqual([`${name} is no setting of Gatehouse; the nearest is ${hint}.`]);
  });

  it('is neither a variable of another program nor an empty one', () => {
    expect(problems({ PATH: '/bin', PGHOST: 'x', GATEHOUSEKEEPER: 'x', MY_GATEHOUSE_X: 'x', GATEHOUSE_X: '' })).toEqual([]);
  });
});

describe('the metrics', () => {
  it.each<[NodeJS.ProcessEnv, unknown]>([
    [{ HOST: '::1', GATEHOUSE_ISSUER: 'http://[::1]:9000' }, 'main-port'],
    [{ HOST: '0.0.0.0' }, 'nowhere'],
    [{ GATEHOUSE_ISSUER: 'https://id.company.test' }, 'nowhere'],
    [{ NODE_ENV: 'production', GATEHOUSE_SECRET: RANDOM }, 'nowhere'],
    [{ GATEHOUSE_METRICS_PORT: '9100' }, { port: 9100, host: '127.0.0.1' }],
    [{ HOST: '0.0.0.0', GATEHOUSE_METRICS_PORT: '0' }, { port: 0, host: '127.0.0.1' }],
  ])('with %j are served at %j', (env, place) => {
    expect(readConfig(env).metrics).toEqual(place);
  });
});

describe('traces', () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.internal:4318' };
  it.each<[NodeJS.ProcessEnv, boolean]>([
    [endpoint, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector.internal/v1/traces' }, true],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, true],
    [{ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }, false],
    [{ ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }, false],
    [{ ...endpoint, OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, false],
    [{ ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, true],
    [{ OTEL_SERVICE_NAME: 'id' }, false],
  ])('with %j are sent: %j', (env, traces) => {
    expect(readConfig(env).traces).toBe(traces);
  });
});

describe('in production', () => {
  const production = { NODE_ENV: 'production', GATEHOUSE_SECRET: RANDOM };

  it('a secret is required', () => {
    expect(problems({ NODE_ENV: 'production' })).toEqual([expect.stringMatching(/^GATEHOUSE_SECRET is required in production/)]);
  });

  it.each(['http://id.company.test', 'http://localhost.company.test', 'http://10.0.0.1:9000'])(
    'the issuer %s is refused, but otherwise accepted',
    (issuer) => {
      expect(problems({ ...production, GATEHOUSE_ISSUER: issuer })).toEqual([expect.stringContaining('https')]);
      expect(problems({ GATEHOUSE_ISSUER: issuer })).toEqual([]);
    },
  );

  it.each(['http://localhost:9000', 'http://127.0.0.1:9000', 'http://[::1]:9000', 'https://id.company.test'])(
    'the issuer %s is accepted',
    (issuer) => {
      expect(problems({ ...production, GATEHOUSE_ISSUER: issuer })).toEqual([]);
    },
  );

  it('the demo is refused', () => {
    expect(problems({ ...production, GATEHOUSE_DEMO: 'on' })).toEqual([expect.stringMatching(/^GATEHOUSE_DEMO /)]);
    expect(problems({ ...production, GATEHOUSE_DEMO: 'off' })).toEqual([]);
  });

  const published = ['change-me-9Xw2Lk7Zr0Vb5nTy8uHj3fGd', `my-password-${RANDOM}`];

  it.each(['a'.repeat(40), 'klmnopqrstuvwxyz'.repeat(3), 'ab12'.repeat(8), 'aabbccddeeffg'.padEnd(40, 'g'), ...published])(
    'the weak secret %s is refused, but otherwise accepted',
    (weak) => {
      const env = { ...production, GATEHOUSE_SECRET: `${RANDOM},${weak}`, GATEHOUSE_ADMIN_SECRET: weak };
      expect(problems(env)).toEqual([
        expect.stringMatching(/^GATEHOUSE_SECRET /),
        expect.stringMatching(/^GATEHOUSE_ADMIN_SECRET /),
      ]);
      expect(problems({ GATEHOUSE_SECRET: weak, GATEHOUSE_ADMIN_SECRET: weak })).toEqual([]);
    },
  );

  it('a short secret of the administrator is refused, but otherwise accepted', () => {
    expect(problems({ ...production, GATEHOUSE_ADMIN_SECRET: 'hunter2' })).toHaveLength(1);
    expect(problems({ GATEHOUSE_ADMIN_SECRET: 'hunter2' })).toEqual([]);
  });

  it('32 random bytes are never refused as weak, in hex or base64', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('hex' as const, 'base64' as const, 'base64url' as const), (seed, encoding) => {
        const drawn = createHash('sha256').update(String(seed)).digest(encoding);
        expect(problems({ ...production, GATEHOUSE_SECRET: drawn })).toEqual([]);
      }),
    );
  });
});

describe('for every environment', () => {
  it('the result is a configuration or a ConfigError', () => {
    const ours = ['GATEHOUSE_ISSUER', 'GATEHOUSE_SECRET', 'GATEHOUSE_DEMO', 'GATEHOUSE_X'];
    const names = fc.constantFrom('PORT', 'DATABASE_URL', 'LOG_LEVEL', 'NODE_ENV', ...ours);
    const shapes = fc.constantFrom('production', 'https://', 'http://[', 'postgres://', ',', RANDOM);
    const values = fc.oneof(fc.string(), fc.webUrl(), shapes);
    fc.assert(
      fc.property(fc.dictionary(names, values), (env) => {
        const found = problems(env);
        if (found.length === 0) expect(new URL(readConfig(env).issuer).search).toBe('');
        for (const problem of found) expect(problem).toMatch(/^[A-Z_]+ .+[.]$/s);
      }),
      { numRuns: 500 },
    );
  });
});

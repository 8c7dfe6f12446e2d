/** Checks docker-compose.yml with the configuration code of the server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ConfigError, readConfig } from '#server/config/config.js';

const REPOSITORY = join(import.meta.dirname, '..', '..');

interface Service {
  readonly build?: string;
  readonly image?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}
interface Compose {
  readonly services: Readonly<Record<'server' | 'postgres', Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = parse(readFileSync(join(REPOSITORY, 'docker-compose.yml'), 'utf8')) as Compose;
const { server, postgres } = compose.services;

const SECRETS = {
  POSTGRES_PASSWORD: '5f1d0c9be27a4836',
  GATEHOUSE_SECRET: 'Zq7wT2mX9vK4nB8cR1yL6pH3sD5fG0jA',
  GATEHOUSE_ADMIN_SECRET: 'e8Uo3Vt6Qi1Wm9Xk4Zc7Nb2Ly5Ph0RsD',
};

/** Replaces `${NAME:?message}` and `${NAME:-default}` as compose does. */
function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+):([?-])([^}]*)\}/g, (_, name: string, kind: string, rest: string) => {
    const value = env[name] ?? '';
    if (value === '' && kind === '?') throw new Error(`${name}: ${rest}`);
    return value === '' ? rest : value;
  });
}

const environmentOf = (service: Service, env: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(service.environment).map(([name, value]) => [name, interpolate(value, env)]));

describe('docker-compose.yml', () => {
  test('the server accepts its environment', () => {
    const config = readConfig(environmentOf(server, SECRETS));
    expect(config).toMatchObject({ host: '0.0.0.0', port: 9000, issuer: 'http://localhost:9000', production: true, demo: false });
    expect(config.databaseUrl).toBeDefined();
    expect(config.secrets).toHaveLength(1);
    expect(config.adminSecret).toBeDefined();
  });

  test('GATEHOUSE_ISSUER is passed to the server', () => {
    const environment = environmentOf(server, { ...SECRETS, GATEHOUSE_ISSUER: 'https://login.example.com' });
    expect(readConfig(environment).issuer).toBe('https://login.example.com');
  });

  test('GATEHOUSE_TRUSTED_PROXIES is passed to the server', () => {
    const environment = environmentOf(server, { ...SECRETS, GATEHOUSE_TRUSTED_PROXIES: '172.16.0.0/12' });
    expect(readConfig(environment).trustedProxies).toEqual(['172.16.0.0/12']);
  });

  test.each(Object.keys(SECRETS))('compose does not start without %s', (missing) => {
    const rest = Object.fromEntries(Object.entries(SECRETS).filter(([name]) => name !== missing));
    expect(() => environmentOf(server, rest)).toThrow(missing);
  });

  test('the server refuses a misspelt setting', () => {
    const environment = { ...environmentOf(server, SECRETS), GATEHOUSE_ISUER: 'http://localhost:9000' };
    expect(() => readConfig(environment)).toThrow(ConfigError);
  });

  test('the server and Postgres get the same user, password, host and database', () => {
    const url = new URL(environmentOf(server, SECRETS)['DATABASE_URL']!);
    const settings = environmentOf(postgres, SECRETS);
    expect(url.username).toBe(settings['POSTGRES_USER']);
    expect(url.password).toBe(settings['POSTGRES_PASSWORD']);
    expect(url.pathname).toBe(`/${settings['POSTGRES_DB']!}`);
    expect(Object.keys(compose.services)).toContain(url.hostname);
  });

  test('the server starts after Postgres is healthy', () => {
    expect(server.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
    expect(postgres.healthcheck?.test).toContain('pg_isready');
  });

  test('the port of the server is published on loopback only, and no port of Postgres', () => {
    expect(server.ports).toEqual([`127.0.0.1:9000:${server.environment['PORT']!}`]);
    expect(postgres.ports).toBeUndefined();
  });

  test('the data are stored in a named volume', () => {
    const [volume] = postgres.volumes!.map((mount) => mount.split(':')[0]!);
    expect(Object.keys(compose.volumes)).toContain(volume);
  });
});

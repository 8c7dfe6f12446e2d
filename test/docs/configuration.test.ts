import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readConfig } from '#server/config/config.js';

interface Documented {
  readonly name: string;
  readonly fallback: string;
}

function documented(): Documented[] {
  const rows = readFileSync(join(process.cwd(), 'docs/configuration.md'), 'utf8').matchAll(/^\| `([A-Z_]+)` \| ([^|]+) \|/gm);
  return [...rows].map(([, name = '', fallback = '']) => ({ name, fallback: fallback.replaceAll('`', '') }));
}

/** The names of the variables that the server reads. */
function readByTheServer(): string[] {
  const asked = new Set<string>();
  const environment = new Proxy<NodeJS.ProcessEnv>({}, {
    get: (_, name) => {
      asked.add(String(name));
      return undefined;
    },
  });
  readConfig(environment);
  return [...asked];
}

describe('docs/configuration.md', () => {
  const names = documented().map(({ name }) => name);

  it('has a row for every variable that the server reads, and for no other', () => {
    const read = readByTheServer();
    expect(read.length).toBeGreaterThan(5);
    expect(names.toSorted()).toEqual(read.toSorted());
  });

  it('names the defaults of the server', () => {
    const { port, host, issuer, logLevel, demo, clientAuthentication, trustedProxies } = readConfig({});
    const defaults = Object.fromEntries(documented().map(({ name, fallback }) => [name, fallback]));
    expect(defaults).toMatchObject({
      PORT: String(port),
      HOST: host,
      LOG_LEVEL: logLevel,
      GATEHOUSE_ISSUER: issuer,
      GATEHOUSE_DEMO: demo ? 'on' : 'off',
      GATEHOUSE_CLIENT_AUTHENTICATION: clientAuthentication,
      GATEHOUSE_TRUSTED_PROXIES: trustedProxies.join(','),
    });
  });

  it('has a row for every variable that docker-compose.yml sets for the server', () => {
    const compose = parse(readFileSync(join(process.cwd(), 'docker-compose.yml'), 'utf8')) as {
      services: { server: { environment: Record<string, string> } };
    };
    const given = Object.keys(compose.services.server.environment);
    expect(given.length).toBeGreaterThan(3);
    expect(given.filter((name) => !names.includes(name))).toEqual([]);
  });
});

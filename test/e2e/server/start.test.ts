import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createDatabase, createEmptyDatabase, dropDatabase, sql } from '#test/database.js';
import { spawnServer } from '#test/server-process.js';

const SECRET = randomBytes(32).toString('base64');

async function ready(url: string): Promise<number> {
  return (await fetch(`${url}/health/ready`)).status;
}

describe('the built server in its own process', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'gatehouse-start-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('starts its own database, prints its secrets once, and stops on SIGTERM with its database', async () => {
    const first = await spawnServer({ GATEHOUSE_DATA: directory });
    expect(await ready(first.url)).toBe(200);
    const shown = first.output();
    expect(shown).toContain('Demo client     www, secret ');
    expect(shown).toContain('Demo user       johndoe, password ');
    expect(shown).toContain('/.well-known/openid-configuration');
    expect(statSync(join(directory, 'secret')).mode & 0o777).toBe(0o600);
    expect(await first.stop('SIGTERM')).toBe(0);

    const second = await spawnServer({ GATEHOUSE_DATA: directory });
    expect(await ready(second.url)).toBe(200);
    expect(second.output()).not.toContain('secret ');
    expect(await second.stop('SIGINT')).toBe(0);
  }, 60_000);

  it('does not log the secrets that it prints', async () => {
    const server = await spawnServer({ GATEHOUSE_DATA: directory, LOG_LEVEL: 'trace' });
    const output = server.output();
    const secrets = [...output.matchAll(/(?:secret|password) (\S+)$/gm)].map(([, secret = '']) => secret);
    const query = 'a-handle-that-nobody-may-read';
    await fetch(`${server.url}/login?request=${query}`, { headers: { cookie: `gatehouse-session=${query}`, authorization: query } });
    await fetch(`${server.url}/oauth/v2/oauth-token`, { method: 'POST', body: new URLSearchParams({ code: query, client_secret: query }) });
    await server.stop();
    expect(server.output()).toContain('"route":"/login"');
    expect(server.output()).not.toContain(query);
    expect(secrets.length).toBeGreaterThanOrEqual(2);
    const log = server.output().split('\n').filter((line) => line.startsWith('{')).join('\n');
    for (const secret of secrets) expect(log).not.toContain(secret);
  }, 60_000);

  it('answers a request in progress before it stops', async () => {
    const server = await spawnServer({ GATEHOUSE_DATA: directory });
    const { hostname, port, host } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(`POST /oauth/v2/oauth-token HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 12\r\n`);
    socket.write('Content-Type: application/x-www-form-urlencoded\r\n\r\ngrant_');
    await pause(300);
    const stopped = server.stop('SIGTERM');
    await pause(300);
    await expect(fetch(server.url)).rejects.toThrow('fetch failed');
    socket.write('type=x');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 40[01] /);
    expect(await stopped).toBe(0);
  }, 60_000);

  it('stops within 10 s although a request is incomplete', async () => {
    const server = await spawnServer({ GATEHOUSE_DATA: directory });
    const { hostname, port, host } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write(`POST /login HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 12\r\n\r\n`);
    await pause(300);
    const started = performance.now();
    expect(await server.stop('SIGTERM')).toBe(0);
    expect(performance.now() - started).toBeLessThan(10_000);
  }, 60_000);

  it('stops within 10 s despite idle connections and a slow client, and moves the events of the last request to the log', async () => {
    const database = await createDatabase();
    try {
      const server = await spawnServer({ DATABASE_URL: database, GATEHOUSE_SECRET: SECRET, GATEHOUSE_ADMIN_SECRET: SECRET });
      const { hostname, port, host } = new URL(server.url);
      const [idle, slow, last] = [connect(Number(port), hostname), connect(Number(port), hostname), connect(Number(port), hostname)];
      for (const socket of [idle, slow, last]) socket.on('error', () => undefined);
      idle.write(`GET /health/live HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      await once(idle, 'data');
      slow.write(`POST /login HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000\r\n\r\n`);
      const body = 'grant_type=client_credentials&scope=clients:read';
      const authorization = `Basic ${Buffer.from(`admin:${encodeURIComponent(SECRET)}`).toString('base64')}`;
      const type = 'Content-Type: application/x-www-form-urlencoded';
      const headers = [`Host: ${host}`, type, `Content-Length: ${body.length}`, `Authorization: ${authorization}`].join('\r\n');
      last.write(`POST /oauth/v2/oauth-token HTTP/1.1\r\n${headers}\r\n\r\n${body.slice(0, 5)}`);
      await pause(300);
      const started = performance.now();
      const stopped = server.stop('SIGTERM');
      await pause(1000);
      last.write(body.slice(5));
      const [answer] = (await once(last, 'data')) as [Buffer];
      expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
      expect(await stopped).toBe(0);
      expect(performance.now() - started).toBeLessThan(10_000);
      expect(await sql(database, 'SELECT FROM outbox')).toEqual([]);
      expect(await sql(database, "SELECT type FROM event_log WHERE type LIKE '%tokens-issued%'")).toHaveLength(1);
    } finally {
      await dropDatabase(database);
    }
  }, 60_000);

  it('reports all wrong settings together and ends', async () => {
    const start = spawnServer({ PORT: 'x', LOG_LEVEL: 'loud', GATEHOUSE_DATA: directory });
    await expect(start).rejects.toThrow(/ended with 78[\s\S]*PORT[\s\S]*LOG_LEVEL/);
  });
});

describe('two servers that start at the same time on an empty database', () => {
  it('both start, and every migration is applied once', async () => {
    const database = await createEmptyDatabase();
    try {
      const env = { DATABASE_URL: database, GATEHOUSE_SECRET: SECRET };
      const servers = await Promise.all([spawnServer(env), spawnServer(env)]);
      expect(await Promise.all(servers.map(({ url }) => ready(url)))).toEqual([200, 200]);
      const twice = await sql(database, 'SELECT name FROM migrations GROUP BY name HAVING count(*) > 1');
      expect(twice).toEqual([]);
      expect(await Promise.all(servers.map((server) => server.stop()))).toEqual([0, 0]);
    } finally {
      await dropDatabase(database);
    }
  }, 60_000);
});

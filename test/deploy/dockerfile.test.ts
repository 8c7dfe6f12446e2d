/** Checks the Dockerfile with the files of the repository. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '..', '..');
const read = (name: string) => readFileSync(join(REPOSITORY, name), 'utf8');

const instructions = read('Dockerfile').replaceAll('\\\n', ' ').split('\n').filter((line) => /^[A-Z]+ /.test(line));
const all = (name: string) =>
  instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
const copied = all('COPY').filter((line) => !line.startsWith('--from=')).flatMap((line) => line.split(' ').slice(0, -1));

describe('Dockerfile', () => {
  test('every copied file exists and is not in .dockerignore', () => {
    const ignored = new Set(read('.dockerignore').split('\n'));
    expect(copied.length).toBeGreaterThan(0);
    expect(copied.filter((path) => !existsSync(join(REPOSITORY, path)) || ignored.has(path))).toEqual([]);
  });

  test('every source of the build is copied', () => {
    const { compilerOptions } = JSON.parse(read('nest-cli.json')) as {
      compilerOptions: { builder: { options: { filenames: string[] } } };
    };
    const sources = compilerOptions.builder.options.filenames;
    expect(copied).toEqual(expect.arrayContaining([...sources, 'nest-cli.json', 'tsconfig.json', '.swcrc']));
  });

  test('the command is the built main file', () => {
    const [, main] = JSON.parse(all('CMD').at(-1)!) as [string, string];
    expect(main).toMatch(/^dist\//);
    expect(existsSync(join(REPOSITORY, main.replace(/^dist\//, '').replace(/\.js$/, '.ts')))).toBe(true);
  });

  test('the user is not root', () => {
    expect(all('USER')).toEqual(['node']);
  });

  test('the image has the major version of Node in package.json', () => {
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    const image = `node:${/\d+/.exec(engines.node)![0]}-slim`;
    expect(all('FROM').map((line) => line.split(' ')[0])).toEqual([image, image]);
  });

  test.each([
    { status: 200, exit: 0, health: 'healthy' },
    { status: 503, exit: 1, health: 'unhealthy' },
  ])('the health check says $health if /health/ready answers $status', async ({ status, exit }) => {
    const requested: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      requested.push(request.url);
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    expect(await healthcheck((server.address() as AddressInfo).port)).toBe(exit);
    expect(requested).toEqual(['/health/ready']);
    await new Promise((resolve) => server.close(resolve));
  });
});

/** Runs the command of the health check; its exit code. */
function healthcheck(port: number): Promise<number | null> {
  const [, ...args] = JSON.parse(/\bCMD (\[.*\])/.exec(all('HEALTHCHECK').join())![1]!) as string[];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, args, { env: { PORT: String(port) } });
    child.once('exit', resolve);
  });
}

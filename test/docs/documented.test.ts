import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { pagesForReaders, problemsOf, stepsOf } from '#test/documented-commands.js';
import { Shell } from '#test/shell.js';
import { differences } from '#test/documented-output.js';

const PAGE = `# A page

\`\`\`sh
word=hello
read -r who
\`\`\`

It says:

\`\`\`sh
echo "{\\"$word\\":\\"$who\\",\\"exp\\":2}"
\`\`\`

\`\`\`json
{ "hello": "w…", "exp": 1 }
\`\`\`

\`\`\`sh not-run: it would never come to an end
yes
\`\`\`
`;

const fenced = (opening: string, text: string): string => `\`\`\`${opening}\n${text}\n\`\`\`\n`;

describe('the blocks of a page', () => {
  it('are parsed in their order, each with its shown output and the reason if it is not run', () => {
    expect(stepsOf(PAGE).map(({ line, commands, notRun, shown }) => [line, commands, notRun, shown?.language])).toEqual([
      [3, 'word=hello\nread -r who\n', undefined, undefined],
      [10, 'echo "{\\"$word\\":\\"$who\\",\\"exp\\":2}"\n', undefined, 'json'],
      [18, 'yes\n', 'it would never come to an end', undefined],
    ]);
    expect(problemsOf(PAGE)).toEqual([]);
  });

  it.each([
    ['a marker without a reason', fenced('sh not-run:', 'yes')],
    ['a marker with too short a reason', fenced('sh not-run: too hard', 'yes')],
    ['another marker', fenced('sh later', 'yes')],
    ['a command outside a block of sh', fenced('', 'curl http://localhost:9000/')],
    ['a request outside a block of sh', fenced('', 'GET /admin/v1/events')],
    ['an unknown language', fenced('shell', 'yes')],
    ['an output without a command', fenced('json', '{}')],
  ])('are invalid with %s', (_, page) => {
    expect(problemsOf(page)).toHaveLength(1);
  });

  it.each(pagesForReaders())('of $page are valid', ({ text }) => {
    expect(problemsOf(text)).toEqual([]);
  });
});

describe('the shell', () => {
  let shell: Shell;
  beforeEach(() => (shell = new Shell(tmpdir())));
  afterEach(() => shell.close());

  it('keeps the variables of a block for later blocks, and gives them their input', async () => {
    const printed: string[] = [];
    for (const { commands } of stepsOf(PAGE).slice(0, 2)) printed.push((await shell.run(commands, { lines: ['world'] })).stdout);
    expect(printed).toEqual(['', '{"hello":"world","exp":2}\n']);
  });

  it.each([
    ['fails', 'false\necho on'],
    ['fails inside of a pipe', 'false | cat\necho on'],
    ['is not installed', 'gatehouse-ctl status'],
    ['uses an unset variable', 'echo "$never"'],
    ['ends the shell', 'exit 0'],
  ])('reports a command that %s, and runs no further command', async (_, commands) => {
    expect(await shell.run(commands)).toMatchObject({ ok: false, stdout: '' });
    await expect(shell.run('true')).rejects.toThrow('a command before this one failed');
  });

  it('reports an error status of the server as a failure, unless the page shows it', async () => {
    const server = createServer((_, response) => response.writeHead(404).end('no')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
    expect(await shell.run(`curl ${url}`, { refused: true })).toEqual({ ok: true, stdout: 'no', stderr: '' });
    expect(await shell.run(`answer=$(curl ${url} | cat)`)).toMatchObject({ ok: false });
    server.close();
  });
});

describe('the shown output', () => {
  it.each([
    ['json', '{ "a": "…", "b": ["x", "…"], "…": "…" }', '{"a":1,"b":["x","y"],"c":null}'],
    ['json', '{ "expires_in": 299 }', '{"expires_in":300}'],
    ['http', 'HTTP/1.1 200 OK\nETag: "…"\n\n{ "a": 1 }', 'HTTP/1.1 200 OK\r\ndate: now\r\netag: "1"\r\n\r\n{"a":1}'],
    ['text', 'first\n…\nlast …', 'first\nsecond\nthird\nlast of all\n'],
  ])('in %s matches the printed output: %s', (language, shown, printed) => {
    expect(differences(language, shown, printed)).toEqual([]);
  });

  it.each([
    ['json', '{ "a": 1 }', '{"a":2}', '/a is shown as 1 and is 2'],
    ['json', '{ "a": "x…" }', '{"a":"y"}', '/a is shown as "x…" and is "y"'],
    ['json', '{ "expires_in": 1 }', '{"expires_in":"1"}', '/expires_in is shown as 1 and is "1"'],
    ['json', '{ "a": 1 }', '{"a":1,"b":2}', '/b is not shown'],
    ['json', '{ "a": 1, "b": "…" }', '{"a":1}', '/b is not there'],
    ['json', '[1]', '[1,2]', '/1 is not shown'],
    ['json', '{}', 'Not found', 'SyntaxError'],
    ['http', 'HTTP/1.1 200 OK', 'HTTP/1.1 404 Not Found\r\n\r\n', 'HTTP/1.1 200 OK is not in the answer'],
    ['text', 'first\nlast', 'last', 'shown is:'],
  ])('in %s does not match the printed output: %s', (language, shown, printed, difference) => {
    expect(differences(language, shown, printed)).toEqual([expect.stringContaining(difference)]);
  });
});

/** Divides the time of a CPU profile among areas, by the file whose code ran. */

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** The result of `Profiler.stop` of the inspector. */
export interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** The first pattern that matches the file of a frame decides. A frame without a match belongs to the area of its caller. */
const AREAS = [
  ['signing', /internal\/crypto\/sig|token\/src\/domain\/signing|token\/src\/signing-keys/],
  ['hashes and random numbers', /node:internal\/crypto\/|kernel\/src\/(secrets|keyring)/],
  ['SQL: pg', /node_modules\/(pg|pg-[a-z]+|postgres-[a-z]+)\//],
  ['SQL: stores and transactions', /node_modules\/typeorm\/|\/persistence\/|libs\/database\/src\/(?!outbox)/],
  ['events: outbox and relay', /libs\/database\/src\/outbox|libs\/events\//],
  ['metrics, traces, logs', /prom-client|opentelemetry|node_modules\/pino|async_hooks|kernel\/src\/request-context/],
  ['bus', /@nestjs\/cqrs|\/rxjs\/|kernel\/src\/bus/],
  ['pages', /node_modules\/eta\/|server\/src\/pages\/|@fastify\/view/],
  ['parsing', /server\/src\/http\/(form|bodies)|node:querystring|internal\/querystring|node:internal\/url|cookie|secure-json-parse|querystring/],
  ['HTTP: Nest', /@nestjs\//],
  ['HTTP: Fastify', /node_modules\/(@?fastify|find-my-way|avvio|@fastify|fast-[a-z-]+|pino|light-my-request|reusify|ret|toad-cache)/],
  ['HTTP: Node', /node:_?http|node:internal\/http/],
  ['HTTP: Gatehouse', /apps\/server\/src\//],
  ['rules: clients', /libs\/client-registry\//],
  ['rules: authentication', /libs\/authentication\//],
  ['rules: authorization', /libs\/authorization\//],
  ['rules: tokens', /libs\/token\//],
  ['rules: kernel', /libs\/kernel\//],
  ['other packages', /node_modules\//],
] as const;

/** Microseconds by area, the largest first, without idle time. */
export function timeByArea(profile: Profile): ReadonlyMap<string, number> {
  const parents = parentsOf(profile);
  return sums(profile, (node) => {
    const special = SPECIAL.get(node.callFrame.functionName);
    if (special !== undefined) return special;
    for (let frame: ProfileNode | undefined = node; frame !== undefined; frame = parents.get(frame.id)) {
      const { url } = frame.callFrame;
      const area = AREAS.find(([, file]) => file.test(url));
      if (area !== undefined) return area[0];
    }
    return 'sockets, timers, promises';
  });
}

const SPECIAL = new Map([
  ['(garbage collector)', 'garbage collection'],
  ['(program)', 'system calls and the engine'],
]);

/** Microseconds by function, the largest first. */
export function timeByFunction(profile: Profile): ReadonlyMap<string, number> {
  return sums(profile, ({ callFrame: { functionName, url, lineNumber } }) => {
    const file = url.replace(/^.*\/(node_modules|dist)\//, '');
    return `${functionName === '' ? '(anonymous)' : functionName} ${file}:${String(lineNumber + 1)}`;
  });
}

function sums(profile: Profile, nameOf: (node: ProfileNode) => string): ReadonlyMap<string, number> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const found = new Map<string, number>();
  for (const [index, id] of profile.samples.entries()) {
    const node = nodes.get(id);
    if (node === undefined || node.callFrame.functionName === '(idle)') continue;
    const name = nameOf(node);
    found.set(name, (found.get(name) ?? 0) + Math.max(0, profile.timeDeltas[index + 1] ?? 0));
  }
  return new Map([...found].sort(([, a], [, b]) => b - a));
}

function parentsOf(profile: Profile): ReadonlyMap<number, ProfileNode> {
  return new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)));
}

/**
 * The settings of the server, read from the environment once, validated and frozen. A wrong variable stops the start, and
 * all of them are named at once, so that nobody starts five times to learn of five mistakes. No secret value is printed.
 */
import { resolve } from 'node:path';
import { Secret } from '#kernel/secrets.js';
import { hasWeakPattern, isLoopbackHost, issuerProblem, isLoopbackIssuer, nearestName, trustedProxiesProblem } from './config-rules.js';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const CLIENT_AUTHENTICATION = ['lenient', 'strict'] as const;
const TRACES_EXPORTERS = ['otlp', 'none'] as const;
const OTLP_PROTOCOLS = ['http/json', 'http/protobuf'] as const;
const SWITCH = ['on', 'off', 'true', 'false', '1', '0'] as const;
const OURS = [
  'GATEHOUSE_ISSUER',
  'GATEHOUSE_DATA',
  'GATEHOUSE_SECRET',
  'GATEHOUSE_ADMIN_SECRET',
  'GATEHOUSE_DEMO',
  'GATEHOUSE_CLIENT_AUTHENTICATION',
  'GATEHOUSE_TRUSTED_PROXIES',
  'GATEHOUSE_METRICS_PORT',
  'GATEHOUSE_METRICS_HOST',
] as const;

/** In characters. */
const MIN_SECRET_LENGTH = 32;

export type LogLevel = (typeof LOG_LEVELS)[number];
/** Credentials in the header and in the body at once: equal ones pass, or both are refused (RFC 6749 §2.3). */
export type ClientAuthentication = (typeof CLIENT_AUTHENTICATION)[number];

/** A listener of its own, beside everything else on the port of the server, or nowhere. */
export type MetricsPlace = { readonly port: number; readonly host: string } | 'main-port' | 'nowhere';

export interface Config {
  /** 0 lets the system choose; then `issuer` should be set, for its default cannot know the choice. */
  readonly port: number;
  readonly host: string;
  /** Absolute, without query, fragment or trailing slash: what tokens, metadata and redirects carry, as it stands. */
  readonly issuer: string;
  /** Undefined: the embedded database. */
  readonly databaseUrl: Secret | undefined;
  /** An absolute path. */
  readonly dataDirectory: string;
  /** The first encrypts and signs, the others still decrypt and verify. Undefined: generated in `dataDirectory`. */
  readonly secrets: readonly Secret[] | undefined;
  /** Undefined: generated. */
  readonly adminSecret: Secret | undefined;
  readonly demo: boolean;
  readonly clientAuthentication: ClientAuthentication;
  /** Whose `X-Forwarded-For` is believed: IP addresses, CIDR ranges, or the names of some. */
  readonly trustedProxies: readonly string[];
  readonly metrics: MetricsPlace;
  /** Whether spans are sent; the SDK of OpenTelemetry reads its other variables itself. */
  readonly traces: boolean;
  readonly logLevel: LogLevel;
  readonly production: boolean;
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  /** One sentence per wrong variable, which names it. */
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is wrong.\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/** Throws {@link ConfigError} with everything that is wrong. An empty variable counts as unset. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const variables = new Variables(env);
  const production = variables.text('NODE_ENV') === 'production';
  const port = readPort(variables);
  const host = variables.text('HOST') ?? (production ? '0.0.0.0' : '127.0.0.1');
  const issuer = readIssuer(variables, port, production);
  const databaseUrl = readDatabaseUrl(variables);
  const config: Config = {
    port,
    host,
    issuer,
    databaseUrl,
    dataDirectory: resolve(variables.text('GATEHOUSE_DATA') ?? '.gatehouse'),
    secrets: readSecrets(variables, databaseUrl !== undefined, production),
    adminSecret: readAdminSecret(variables, production),
    demo: readDemo(variables, databaseUrl === undefined, production),
    clientAuthentication: variables.choice('GATEHOUSE_CLIENT_AUTHENTICATION', CLIENT_AUTHENTICATION) ?? 'lenient',
    trustedProxies: readTrustedProxies(variables),
    metrics: readMetrics(variables, { port, host, issuer }),
    traces: readTraces(variables),
    logLevel: variables.choice('LOG_LEVEL', LOG_LEVELS) ?? 'info',
    production,
  };
  variables.refuseUnknown();
  if (variables.problems.length > 0) throw new ConfigError(variables.problems);
  return Object.freeze(config);
}

/** The environment, and what was found wrong in it so far. */
class Variables {
  readonly problems: string[] = [];

  constructor(private readonly env: NodeJS.ProcessEnv) {}

  text(name: string): string | undefined {
    const value = this.env[name];
    return value === '' ? undefined : value;
  }

  choice<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const value = this.text(name);
    const chosen = allowed.find((one) => one === value);
    if (value !== undefined && chosen === undefined) this.refuse(name, `must be one of ${allowed.join(', ')}`);
    return chosen;
  }

  refuse(name: string, sentence: string): void {
    this.problems.push(`${name} ${sentence}.`);
  }

  /** A typing error in a setting must not switch it off without a word. */
  refuseUnknown(): void {
    const known: ReadonlySet<string> = new Set(OURS);
    for (const name of Object.keys(this.env)) {
      if (!name.startsWith('GATEHOUSE_') || known.has(name) || this.text(name) === undefined) continue;
      this.refuse(name, `is no setting of Gatehouse; the nearest is ${nearestName(name, OURS)}`);
    }
  }
}

function readPort(variables: Variables, name = 'PORT'): number {
  const value = variables.text(name) ?? '9000';
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
  variables.refuse(name, 'must be a whole number from 0 to 65535');
  return 0;
}

function readMetrics(variables: Variables, main: Pick<Config, 'port' | 'host' | 'issuer'>): MetricsPlace {
  const host = variables.text('GATEHOUSE_METRICS_HOST');
  if (variables.text('GATEHOUSE_METRICS_PORT') !== undefined) {
    const port = readPort(variables, 'GATEHOUSE_METRICS_PORT');
    if (port !== 0 && port === main.port) variables.refuse('GATEHOUSE_METRICS_PORT', 'must differ from PORT');
    return Object.freeze({ port, host: host ?? '127.0.0.1' });
  }
  if (host !== undefined) variables.refuse('GATEHOUSE_METRICS_HOST', 'needs GATEHOUSE_METRICS_PORT');
  // Whoever reaches the port may read: where that is not this machine alone, the operator has to say who.
  return isLoopbackHost(main.host) && issuerProblem(main.issuer) === undefined && isLoopbackIssuer(main.issuer) ? 'main-port' : 'nowhere';
}

/** The standard variables of OpenTelemetry: traces are sent where one of them says so, and a wish that cannot be met is told. */
function readTraces(variables: Variables): boolean {
  const exporter = variables.choice('OTEL_TRACES_EXPORTER', TRACES_EXPORTERS);
  const disabled = variables.text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true';
  const endpoints = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'].filter((name) => {
    const url = variables.text(name);
    if (url !== undefined && !(/^https?:\/\//i.test(url) && URL.canParse(url))) variables.refuse(name, 'must be an http or https URL');
    return url !== undefined;
  });
  const traces = !disabled && exporter !== 'none' && (exporter !== undefined || endpoints.length > 0);
  const protocols = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'];
  const protocol = protocols.find((name) => variables.text(name) !== undefined);
  if (traces && protocol !== undefined) variables.choice(protocol, OTLP_PROTOCOLS);
  return traces;
}

function readIssuer(variables: Variables, port: number, production: boolean): string {
  const issuer = variables.text('GATEHOUSE_ISSUER') ?? `http://localhost:${String(port)}`.replace(/:80$/, '');
  const problem = issuerProblem(issuer);
  if (problem !== undefined) variables.refuse('GATEHOUSE_ISSUER', problem);
  else if (production && issuer.startsWith('http:') && !isLoopbackIssuer(issuer)) {
    variables.refuse('GATEHOUSE_ISSUER', 'must use https in production, except on localhost, 127.0.0.1 and [::1]');
  }
  return issuer;
}

function readTrustedProxies(variables: Variables): readonly string[] {
  const proxies = (variables.text('GATEHOUSE_TRUSTED_PROXIES') ?? 'loopback').split(',').map((proxy) => proxy.trim());
  const problem = trustedProxiesProblem(proxies);
  if (problem !== undefined) variables.refuse('GATEHOUSE_TRUSTED_PROXIES', problem);
  return Object.freeze(proxies);
}

function readDatabaseUrl(variables: Variables): Secret | undefined {
  const url = variables.text('DATABASE_URL');
  if (url === undefined) return undefined;
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    variables.refuse('DATABASE_URL', 'must be a URL of the form postgres://user:password@host:port/database');
  }
  return new Secret(url);
}

function readSecrets(variables: Variables, required: boolean, production: boolean): readonly Secret[] | undefined {
  const secrets = variables.text('GATEHOUSE_SECRET')?.split(',').map((secret) => secret.trim());
  if (secrets === undefined) {
    const why = required ? 'with DATABASE_URL' : production ? 'in production' : undefined;
    if (why !== undefined) variables.refuse('GATEHOUSE_SECRET', `is required ${why}; make one with "openssl rand -base64 32"`);
    return undefined;
  }
  if (secrets.some((secret) => secret.length < MIN_SECRET_LENGTH)) {
    variables.refuse('GATEHOUSE_SECRET', `must have at least ${String(MIN_SECRET_LENGTH)} characters, each of several`);
  } else if (production && secrets.some(hasWeakPattern)) {
    variables.refuse('GATEHOUSE_SECRET', 'must be random in production; make one with "openssl rand -base64 32"');
  }
  return Object.freeze(secrets.map((secret) => new Secret(secret)));
}

function readAdminSecret(variables: Variables, production: boolean): Secret | undefined {
  const secret = variables.text('GATEHOUSE_ADMIN_SECRET');
  if (secret === undefined) return undefined;
  if (production && (secret.length < MIN_SECRET_LENGTH || hasWeakPattern(secret))) {
    variables.refuse(
      'GATEHOUSE_ADMIN_SECRET',
      `must be random and have at least ${String(MIN_SECRET_LENGTH)} characters in production`,
    );
  }
  return new Secret(secret);
}

function readDemo(variables: Variables, embedded: boolean, production: boolean): boolean {
  const value = variables.choice('GATEHOUSE_DEMO', SWITCH);
  if (value === undefined) return embedded && !production;
  const demo = value === 'on' || value === 'true' || value === '1';
  if (demo && production) variables.refuse('GATEHOUSE_DEMO', 'must be off in production: the demo is for trying out');
  else if (demo && !embedded) variables.refuse('GATEHOUSE_DEMO', 'must be off with DATABASE_URL: the demo is for the embedded database');
  return demo;
}

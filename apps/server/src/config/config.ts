/**
 * The settings of the server, read from the environment once, validated and frozen. A wrong variable stops the start, and
 * all of them are named at once, so that nobody starts five times to learn of five mistakes. No secret value is printed.
 */
import { resolve } from 'node:path';
import { Secret } from '#kernel/secrets.js';
import { hasWeakPattern, issuerProblem, isLoopbackIssuer, trustedProxiesProblem } from './config-rules.js';
import { CLIENT_AUTHENTICATION, LOG_LEVELS, MIN_SECRET_LENGTH, SETTINGS, SWITCH } from './settings.js';
import { type MetricsPlace, readMetrics, readTraces } from './telemetry-config.js';
import { Variables } from './variables.js';

export type LogLevel = (typeof LOG_LEVELS)[number];
/** Credentials in the header and in the body at once: equal ones pass, or both are refused (RFC 6749 §2.3). */
export type ClientAuthentication = (typeof CLIENT_AUTHENTICATION)[number];

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
  const port = variables.port('PORT') ?? Number(SETTINGS.PORT.value);
  const host = variables.text('HOST') ?? (production ? '0.0.0.0' : SETTINGS.HOST.value);
  const issuer = readIssuer(variables, port, production);
  const databaseUrl = readDatabaseUrl(variables);
  const config: Config = {
    port,
    host,
    issuer,
    databaseUrl,
    dataDirectory: resolve(variables.value('GATEHOUSE_DATA')),
    secrets: readSecrets(variables, databaseUrl !== undefined, production),
    adminSecret: readAdminSecret(variables, production),
    demo: readDemo(variables, databaseUrl === undefined, production),
    clientAuthentication:
      variables.choice('GATEHOUSE_CLIENT_AUTHENTICATION', CLIENT_AUTHENTICATION) ?? SETTINGS.GATEHOUSE_CLIENT_AUTHENTICATION.value,
    trustedProxies: readTrustedProxies(variables),
    metrics: readMetrics(variables, { port, host, issuer }),
    traces: readTraces(variables),
    logLevel: variables.choice('LOG_LEVEL', LOG_LEVELS) ?? SETTINGS.LOG_LEVEL.value,
    production,
  };
  variables.refuseUnknown();
  if (variables.problems.length > 0) throw new ConfigError(variables.problems);
  return Object.freeze(config);
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
  const proxies = variables.value('GATEHOUSE_TRUSTED_PROXIES').split(',').map((proxy) => proxy.trim());
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

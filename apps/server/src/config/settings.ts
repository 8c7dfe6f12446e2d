/**
 * Every variable that the server reads: its default and what it means, as `docs/configuration.md` tells it, which is written
 * from here. Only what stands here can be read.
 */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export const CLIENT_AUTHENTICATION = ['lenient', 'strict'] as const;
export const TRACES_EXPORTERS = ['otlp', 'none'] as const;
export const OTLP_PROTOCOLS = ['http/json', 'http/protobuf'] as const;
export const SWITCH = ['on', 'off', 'true', 'false', '1', '0'] as const;

/** In characters. */
export const MIN_SECRET_LENGTH = 32;

interface Setting {
  /** What an unset variable stands for. */
  readonly value?: string;
  /** The same in words, where it is no fixed value. */
  readonly otherwise?: string;
  /** Markdown, in a cell of a table. */
  readonly meaning: string;
}

const NOT_SET = 'not set';

export const SETTINGS = {
  PORT: {
    value: '9000',
    meaning: 'The TCP port, 0 to 65535. With 0 the system chooses a free one, and the default issuer names it.',
  },
  HOST: { value: '127.0.0.1', meaning: 'The address to listen on. In production the default is `0.0.0.0`, all interfaces.' },
  NODE_ENV: { otherwise: NOT_SET, meaning: '`production` turns on the strict rules below. Any other value is development.' },
  LOG_LEVEL: { value: 'info', meaning: `One of ${quoted(LOG_LEVELS)}.` },
  DATABASE_URL: {
    otherwise: 'the embedded database',
    meaning: '`postgres://user:password@host:port/database`; `postgresql://` works too.',
  },
  GATEHOUSE_ISSUER: {
    otherwise: '`http://localhost:9000`',
    meaning: 'The URL that the server goes by. The port in the default follows `PORT`.',
  },
  GATEHOUSE_DATA: {
    value: '.gatehouse',
    meaning: 'Directory of the embedded database and of the generated secret, relative to where the server is started.',
  },
  GATEHOUSE_SECRET: {
    otherwise: 'generated',
    meaning: 'Encrypts the signing keys in the database; keys for forms and for counting logins are derived from it.',
  },
  GATEHOUSE_ADMIN_SECRET: { otherwise: 'generated', meaning: 'The secret of the client `admin`, the first administrator.' },
  GATEHOUSE_DEMO: {
    otherwise: '`on`',
    meaning: 'Makes the client `www` and the user `johndoe`. Default `off` with `DATABASE_URL` and in production, '
      + 'where it cannot be turned on.',
  },
  GATEHOUSE_CLIENT_AUTHENTICATION: {
    value: 'lenient',
    meaning: `What to do with client credentials in header and body at once: ${quoted(CLIENT_AUTHENTICATION, ' or ')}.`,
  },
  GATEHOUSE_TRUSTED_PROXIES: { value: 'loopback', meaning: 'The proxies whose `X-Forwarded-For` is believed.' },
  GATEHOUSE_METRICS_PORT: { otherwise: NOT_SET, meaning: 'The port of `/metrics`, which serves nothing else.' },
  GATEHOUSE_METRICS_HOST: { otherwise: '`127.0.0.1`', meaning: 'The address that this port listens on.' },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    otherwise: NOT_SET,
    meaning: 'The URL of a collector of OpenTelemetry; traces go to `/v1/traces` below it.',
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: { otherwise: NOT_SET, meaning: 'The whole URL that traces go to.' },
  OTEL_TRACES_EXPORTER: {
    otherwise: NOT_SET,
    meaning: '`otlp` sends traces without a URL too, to `http://localhost:4318`. `none` sends none.',
  },
  OTEL_EXPORTER_OTLP_PROTOCOL: {
    otherwise: NOT_SET,
    meaning: `${quoted(OTLP_PROTOCOLS, ' or ')}: what is sent is JSON, which collectors take at the same address.`,
  },
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: { otherwise: NOT_SET, meaning: 'The same, for traces.' },
  OTEL_SDK_DISABLED: { otherwise: NOT_SET, meaning: '`true` sends no traces, whatever else is set.' },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof SETTINGS;
/** Those with a default that is the same everywhere. */
export type FixedSettingName = { [Name in SettingName]: (typeof SETTINGS)[Name] extends { value: string } ? Name : never }[SettingName];

function quoted(values: readonly string[], separator = ', '): string {
  return values.map((value) => `\`${value}\``).join(separator);
}

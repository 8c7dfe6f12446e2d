/**
 * What is to be said about the settings beyond one sentence each. `docs/configuration.md` is written from here and from
 * settings.ts; the numbers come from the rules themselves.
 */
import { MIN_DISTINCT_CHARACTERS } from './config-rules.js';
import { MIN_SECRET_LENGTH } from './settings.js';

interface Topic {
  readonly title: string;
  /** Markdown. */
  readonly text: string;
}

export const INTRODUCTION = `
Gatehouse is set up by environment variables alone. They are read once, at the start. With none of them set, \`npm start\`
gives a server for one developer: its own database, a demo client and a demo user, reachable from this machine only.
`;

export const TOPICS: readonly Topic[] = [
  {
    title: 'Rules for all of them',
    text: `
- An empty variable counts as unset.
- Everything that is wrong is reported at once on standard error, one line for each variable, and the process ends with
  exit code 78. The value of a secret is never part of the message.
- A variable that begins with \`GATEHOUSE_\` and is not in the table stops the start; the message names the nearest one that
  exists. So a typing error cannot switch a setting off unseen.
`,
  },
  {
    title: 'The issuer',
    text: `
\`GATEHOUSE_ISSUER\` is the URL as browsers and clients see it, behind whatever proxy there is. Tokens, metadata and
redirects carry it byte for byte. The \`Host\` header of a request has no influence on them.

- It is an absolute \`http\` or \`https\` URL without query, fragment, user name or trailing slash, in its normal form:
  lower-case host, no default port.
- It may have a path, such as \`https://example.com/id\`. The server answers with and without that path in front, so a proxy
  may take it off or leave it.
- Under \`https\`, cookies are \`Secure\` and carry the prefix \`__Host-\`, and answers carry HSTS for one year.
- With \`PORT=0\` in development, leave it unset: the default then names the port that was chosen.

Changing the issuer later makes every client that checks \`iss\` refuse the tokens until it is configured anew.
`,
  },
  {
    title: 'Secrets',
    text: `
- \`GATEHOUSE_SECRET\` is one secret or several, separated by commas. The first one encrypts; all of them decrypt. Each has
  at least ${String(MIN_SECRET_LENGTH)} characters. [Operations](operations.md) tells how to rotate it.
- With \`DATABASE_URL\` and in production it is required. Else it is generated at the first start and kept in the file
  \`secret\` of the data directory.
- \`GATEHOUSE_ADMIN_SECRET\` has at least 16 characters. Change it and start again: the new value is then the only secret of
  the client \`admin\`. Without the variable, a secret is made at the first start and printed once.

A good secret comes from \`openssl rand -base64 32\`.
`,
  },
  {
    title: 'In production',
    text: `
With \`NODE_ENV=production\`:

- \`GATEHOUSE_ISSUER\` must use \`https\`, except on \`localhost\`, \`127.0.0.1\` and \`[::1]\`.
- \`GATEHOUSE_SECRET\` and \`GATEHOUSE_ADMIN_SECRET\` must have at least ${String(MIN_SECRET_LENGTH)} characters and look random: no
  repeated pattern, at least ${String(MIN_DISTINCT_CHARACTERS)} different characters, none of the words that examples are made of.
- \`GATEHOUSE_SECRET\` must be set.
- \`GATEHOUSE_DEMO\` must not be on, and the data directory must not be one that began with the demo.
`,
  },
  {
    title: 'Client authentication',
    text: `
RFC 6749 §2.3 forbids a client to authenticate in two ways in one request, yet many libraries send the same credentials in
the header and in the body. \`lenient\` accepts them where both are equal and answers \`invalid_client\` where they differ.
\`strict\` refuses a header together with a \`client_secret\` in the body, equal or not, with \`invalid_request\`.
`,
  },
  {
    title: 'Trusted proxies',
    text: `
Guesses at passwords are counted by the address that they come from. Behind a proxy that address stands in
\`X-Forwarded-For\`, where anybody can write anything, so the server believes it only from the proxies that it is told of.

\`GATEHOUSE_TRUSTED_PROXIES\` is a list, separated by commas, of

- IP addresses: \`10.0.0.5\`, \`2001:db8::5\`,
- ranges in CIDR notation, \`/1\` or longer: \`10.0.0.0/24\`,
- names: \`loopback\` (this host), \`linklocal\` (169.254.0.0/16, fe80::/10), \`uniquelocal\` (10.0.0.0/8, 172.16.0.0/12,
  192.168.0.0/16, fc00::/7).

The list takes the place of the default, so name \`loopback\` again where a proxy runs on the same host too. With several
proxies in a row, name them all: what counts is the last address in the row that is none of them.
`,
  },
  {
    title: 'Metrics',
    text: `
Whoever reaches the port of the metrics may read them, so they are not on the port that everybody reaches:

- With \`GATEHOUSE_METRICS_PORT\` they have a port of their own, on 127.0.0.1. Set \`GATEHOUSE_METRICS_HOST\` to the address of
  an inner network, or in a container to \`0.0.0.0\`, for a Prometheus elsewhere, and keep the port from the outside.
- Without it, \`/metrics\` is on the main port where only this machine can reach the server: \`HOST\` is a loopback address and
  the issuer is on \`localhost\`, \`127.0.0.1\` or \`[::1]\`. That is so by default, and not in production.
- Everywhere else there are none.
`,
  },
  {
    title: 'Traces',
    text: `
Traces are sent where one of the URLs, or \`OTEL_TRACES_EXPORTER=otlp\`, says so. The SDK of OpenTelemetry reads its other
standard variables by itself, such as \`OTEL_SERVICE_NAME\` (\`gatehouse\` without it), \`OTEL_RESOURCE_ATTRIBUTES\`,
\`OTEL_TRACES_SAMPLER\`, \`OTEL_EXPORTER_OTLP_HEADERS\` and \`OTEL_BSP_SCHEDULE_DELAY\`.
`,
  },
  {
    title: 'What is not a variable',
    text: `
Lifetimes of codes and tokens, PKCE, consent, scopes and the like are set for each client by the [administration
API](admin-api.md). Sessions end after one hour without use and twelve hours after the login; that is fixed for now.
`,
  },
];

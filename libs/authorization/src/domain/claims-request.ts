/** One claim as the `claims` parameter asks for it (OIDC Core §5.5.1). */
export interface ClaimRequest {
  readonly essential?: boolean;
  readonly value?: unknown;
  readonly values?: readonly unknown[];
}

/** The `claims` parameter (OIDC Core §5.5): which claims the client wants, and where. null asks for a claim without conditions. */
export interface ClaimsRequest {
  readonly id_token?: Readonly<Record<string, ClaimRequest | null>>;
  readonly userinfo?: Readonly<Record<string, ClaimRequest | null>>;
}

/** Far beyond any condition of a claim, and far below what exhausts a parser behind this one. */
const MAX_DEPTH = 20;
/** JSON can spell them by escapes; the text of a database cannot hold them. */
const BROKEN_CHARACTER = /\0|\p{Surrogate}/u;

/** The parameter as JSON; undefined where it is not the object that §5.5 describes. Unknown members are ignored. */
export function readClaimsRequest(json: string): ClaimsRequest | undefined {
  const document = parseObject(json);
  if (document === undefined) return undefined;
  const request: { -readonly [K in keyof ClaimsRequest]: ClaimsRequest[K] } = {};
  for (const member of ['id_token', 'userinfo'] as const) {
    const asked = document[member];
    if (asked === undefined || asked === null) continue;
    if (!isObject(asked) || !Object.values(asked).every(isClaimRequest)) return undefined;
    request[member] = asked as Readonly<Record<string, ClaimRequest | null>>;
  }
  return request;
}

function parseObject(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const document: unknown = JSON.parse(json);
    return isObject(document) && isStorable(document, MAX_DEPTH) ? document : undefined;
  } catch {
    return undefined; // Not JSON: refused like any other wrong shape.
  }
}

function isStorable(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return !BROKEN_CHARACTER.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.entries(value).every(([name, member]) => isStorable(name, 0) && isStorable(member, depth - 1));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isClaimRequest(value: unknown): value is ClaimRequest | null {
  if (value === null) return true;
  if (!isObject(value)) return false;
  const { essential, values } = value;
  return (essential === undefined || typeof essential === 'boolean') && (values === undefined || Array.isArray(values));
}

/**
 * Client credentials in an `Authorization` header (RFC 6749 §2.3.1, RFC 7617): id and secret are each form-encoded, joined
 * by a colon, and the whole is base64. One spelling is accepted and no other: two spellings of one secret would only serve
 * those who want a proxy and the server to disagree.
 */
import { Buffer, isUtf8 } from 'node:buffer';
import { Secret } from '#kernel/secrets.js';

export interface BasicCredentials {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

const BASIC = /^basic +([a-z0-9+/]+={0,2})$/i;

/** Reads the value of the header. Another scheme than Basic is `malformed` too; so is an empty client id. Never throws. */
export function parseBasicCredentials(header: string): BasicCredentials | 'malformed' {
  const pair = decodeBase64(BASIC.exec(header)?.[1]);
  const colon = pair?.indexOf(':') ?? -1;
  if (pair === undefined || colon < 1) return 'malformed';

  const clientId = formDecode(pair.slice(0, colon));
  const clientSecret = formDecode(pair.slice(colon + 1));
  if (clientId === undefined || clientSecret === undefined) return 'malformed';
  return { clientId, clientSecret: new Secret(clientSecret) };
}

function decodeBase64(encoded: string | undefined): string | undefined {
  if (encoded === undefined) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  // Node skips what it cannot read; what it wrote back differently was not canonical (RFC 4648 §3.5).
  return bytes.toString('base64') === encoded && isUtf8(bytes) ? bytes.toString() : undefined;
}

function formDecode(encoded: string): string | undefined {
  try {
    const decoded = decodeURIComponent(encoded.replaceAll('+', ' '));
    return decoded.includes('\0') ? undefined : decoded;
  } catch {
    return undefined;
  }
}

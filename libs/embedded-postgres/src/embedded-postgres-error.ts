/** The embedded database cannot be had. The message is one sentence that says what to do about it. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

/** The error code of Node (`ENOENT`) or of Postgres (`3D000`) that an error carries, if any. */
export function codeOf(error: unknown): string | undefined {
  return textIn(error, 'code');
}

export function messageOf(error: unknown): string {
  return textIn(error, 'message') ?? String(error);
}

/** By shape: an error may come from another realm, where `instanceof` does not know it. */
export function textIn(error: unknown, field: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' ? value : undefined;
}

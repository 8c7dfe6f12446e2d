/**
 * The address that the attempts of a caller are counted by. If the caller closes the connection while the request is being read,
 * there is no address. All such callers count as one, so nobody escapes the count in this way.
 */
export function callerAddress({ ip }: { readonly ip: string | undefined }): string {
  return ip ?? 'gone';
}

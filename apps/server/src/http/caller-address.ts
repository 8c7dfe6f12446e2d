/**
 * The address that the attempts of a caller are counted by. Who breaks the connection off while the request is being read has
 * none any more; all of those count as one, so that nobody escapes the count in this way.
 */
export function callerAddress({ ip }: { readonly ip: string | undefined }): string {
  return ip ?? 'gone';
}

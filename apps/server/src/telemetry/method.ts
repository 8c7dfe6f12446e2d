const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE']);

/** The method of a request, or `_OTHER`: the HTTP conventions of OpenTelemetry name unknown ones so, and a metric must not grow by them. */
export function boundedMethod(method: string): string {
  return METHODS.has(method) ? method : '_OTHER';
}

/** Where metrics can be read, and whether traces are sent. */
import { isLoopbackHost, isLoopbackIssuer, issuerProblem } from './config-rules.js';
import { OTLP_PROTOCOLS, TRACES_EXPORTERS } from './settings.js';
import type { Variables } from './variables.js';

/** A listener of its own, beside everything else on the port of the server, or nowhere. */
export type MetricsPlace = { readonly port: number; readonly host: string } | 'main-port' | 'nowhere';

export function readMetrics(variables: Variables, main: { port: number; host: string; issuer: string }): MetricsPlace {
  const host = variables.text('GATEHOUSE_METRICS_HOST');
  const port = variables.port('GATEHOUSE_METRICS_PORT');
  if (port !== undefined) {
    if (port !== 0 && port === main.port) variables.refuse('GATEHOUSE_METRICS_PORT', 'must differ from PORT');
    return Object.freeze({ port, host: host ?? '127.0.0.1' });
  }
  if (host !== undefined) variables.refuse('GATEHOUSE_METRICS_HOST', 'needs GATEHOUSE_METRICS_PORT');
  // Whoever reaches the port may read: where that is not this machine alone, the operator has to say who.
  return isLoopbackHost(main.host) && issuerProblem(main.issuer) === undefined && isLoopbackIssuer(main.issuer) ? 'main-port' : 'nowhere';
}

/** The standard variables of OpenTelemetry: traces are sent where one of them says so, and a wish that cannot be met is told. */
export function readTraces(variables: Variables): boolean {
  const exporter = variables.choice('OTEL_TRACES_EXPORTER', TRACES_EXPORTERS);
  const disabled = variables.text('OTEL_SDK_DISABLED')?.toLowerCase() === 'true';
  const endpoints = (['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const).filter((name) => {
    const url = variables.text(name);
    if (url !== undefined && !(/^https?:\/\//i.test(url) && URL.canParse(url))) variables.refuse(name, 'must be an http or https URL');
    return url !== undefined;
  });
  const traces = !disabled && exporter !== 'none' && (exporter !== undefined || endpoints.length > 0);
  const protocols = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'] as const;
  const protocol = protocols.find((name) => variables.text(name) !== undefined);
  if (traces && protocol !== undefined) variables.choice(protocol, OTLP_PROTOCOLS);
  return traces;
}

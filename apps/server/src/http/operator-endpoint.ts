import { endpoint, type EndpointKind, NO_STORE } from './endpoint-kind.js';
import { renderJsonError } from './json-error.js';

export const OPERATOR_ENDPOINT: EndpointKind = {
  name: 'endpoint for operators',
  body: 'none',
  headers: NO_STORE,
  challenge: 'none',
  renderError: renderJsonError,
  // If the metrics have their own port, `/metrics` is a 404 here, and still JSON.
  answersFor: ['/health', '/health/*', '/metrics', '/metrics/*'],
};

/** An endpoint for tools of the operator, such as probes and scrapers. */
export const OperatorEndpoint = (path: string): ClassDecorator => endpoint(OPERATOR_ENDPOINT, path);

import { type Client, GetClient, matchesRedirectUri } from '#client-registry/contracts.js';
import { HandlesCommand, QueryBus } from '#kernel/bus.js';
import { Database } from '#database/database.js';
import { OAuthError } from '#kernel/errors.js';
import { type AuthorizationParameters, AuthorizationRefused, BeginAuthorization, type NextStep } from './contracts.js';
import { Dispatcher } from './dispatcher.js';
import type { RedirectTarget } from './domain/authorization-request.js';
import { readRequest, responseModeForErrors } from './domain/read-request.js';
import { findRedirectTarget } from './domain/redirect-target.js';
import { respondWithError } from './domain/respond.js';
import { AuthorizationOptions } from './options.js';

/** Client, then redirect URI, then everything else: only when the first two hold may an error leave by a redirect. */
@HandlesCommand(BeginAuthorization)
export class BeginAuthorizationHandler {
  constructor(
    private readonly queries: QueryBus,
    private readonly database: Database,
    private readonly dispatcher: Dispatcher,
    private readonly options: AuthorizationOptions,
  ) {}

  async execute({ parameters, browser, hintedSub }: BeginAuthorization): Promise<NextStep> {
    const client = await this.findClient(parameters);
    if (client instanceof OAuthError) return { step: 'refuse', error: client };

    const target = findRedirectTarget(parameters.values, parameters.repeated, client, matchesRedirectUri);
    if (target instanceof OAuthError) return { step: 'refuse', error: target };

    const request = readRequest({ ...parameters, client }, target, hintedSub);
    if (request instanceof OAuthError) return this.sendBack(request, client, target, parameters);

    return this.dispatcher.begin(request, client, browser);
  }

  private async findClient({ values, repeated }: AuthorizationParameters): Promise<Client | OAuthError> {
    if (repeated.includes('client_id')) return new OAuthError('invalid_request', 'client_id was sent more than once.');
    const clientId = values.get('client_id');
    if (clientId === undefined) return new OAuthError('invalid_request', 'client_id is required.');
    const client = await this.queries.execute(new GetClient(clientId));
    return client?.enabled === true ? client : new OAuthError('invalid_request', 'There is no such client.', beginningOf(clientId));
  }

  /** What could not be read is no request yet: it is refused without ever being stored. */
  private async sendBack(
    error: OAuthError,
    { client_id }: Client,
    target: RedirectTarget,
    parameters: AuthorizationParameters,
  ): Promise<NextStep> {
    await this.database.transaction((transaction) => {
      transaction.record(new AuthorizationRefused(client_id, { client_id, error: error.code, sub: null }));
    });
    const state = parameters.repeated.includes('state') ? undefined : parameters.values.get('state');
    const origin = { ...target, responseMode: responseModeForErrors(parameters), state };
    return { step: 'respond', response: respondWithError(origin, error, this.options.issuer) };
  }
}

/** Enough to recognise a client ID by, and too little of a secret that was sent in its place. */
function beginningOf(clientId: string): string {
  return `sent: ${clientId.slice(0, 8)}… (${clientId.length} characters)`;
}

import { type Client, GetClient, matchesRedirectUri } from '#client-registry/contracts.js';
import { Database } from '#database/database.js';
import { HandlesCommand, QueryBus } from '#kernel/bus.js';
import { OAuthError } from '#kernel/errors.js';
import { type AuthorizationParameters, AuthorizationRefused, BeginAuthorization, type NextStep } from './contracts.js';
import { Dispatcher } from './dispatcher.js';
import { readRequest, responseModeForErrors } from './domain/read-request.js';
import { findRedirectTarget, type RedirectTarget } from './domain/redirect-target.js';
import { checkRequestingClient } from './domain/requesting-client.js';
import { respondWithError } from './domain/respond.js';
import { AuthorizationOptions } from './options.js';

/** Client, then redirect URI, then everything else: only when the first two are settled may an error be sent by a redirect. */
@HandlesCommand(BeginAuthorization)
export class BeginAuthorizationHandler {
  constructor(
    private readonly queries: QueryBus,
    private readonly database: Database,
    private readonly dispatcher: Dispatcher,
    private readonly options: AuthorizationOptions,
  ) {}

  async execute({ parameters, browser, hintedSub }: BeginAuthorization): Promise<NextStep> {
    const clientId = parameters.values.get('client_id');
    const registered = clientId === undefined ? undefined : await this.queries.execute(new GetClient(clientId));
    const client = checkRequestingClient({ ...parameters, client: registered });
    if (client instanceof OAuthError) return { step: 'refuse', error: client };

    const target = findRedirectTarget({ ...parameters, client, matches: matchesRedirectUri });
    if (target instanceof OAuthError) return { step: 'refuse', error: target };

    const request = readRequest({ ...parameters, client }, target, hintedSub);
    if (request instanceof OAuthError) return this.sendBack(request, client, target, parameters);

    return this.dispatcher.begin(request, client, browser);
  }

  /** A request with an error is never stored. */
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

import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { AdministrationScope } from '#client-registry/contracts.js';
import { QueryBus } from '#kernel/bus.js';
import { type AccessToken, ReadAccessToken } from '#token/contracts.js';
import { bearerToken } from '../http/bearer-token.js';
import { Issuer } from '../http/issuer.js';
import { Problem } from './problem.js';

const SCOPE = 'gatehouse:scope';
const NO_TOKEN = 'none';
const REALM = 'realm="gatehouse"';

/** The path that stands for the administration API in the audience of a token. */
export const ADMINISTRATION_PATH = '/admin/v1';

/** The scope that the caller's token must have. */
export const RequiresScope = (scope: AdministrationScope) => SetMetadata(SCOPE, scope);

/** Says of a route that everyone may call it. */
export const WithoutToken = () => SetMetadata(SCOPE, NO_TOKEN);

/** The scope of a route, `none`, or undefined where nobody said. */
export function scopeOf(route: object): string | undefined {
  return Reflect.getMetadata(SCOPE, route) as string | undefined;
}

/** Lets in who bears an access token for the administration API with the scope of the route (RFC 6750). */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(
    private readonly queries: QueryBus,
    private readonly issuer: Issuer,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const scope = scopeOf(context.getHandler());
    if (scope === undefined) throw new Error(`${context.getClass().name}.${context.getHandler().name} names no scope`);
    if (scope === NO_TOKEN) return true;
    const token = await this.readToken(context.switchToHttp().getRequest<FastifyRequest>().headers.authorization);
    if (!token.scope.includes(scope)) throw insufficientScope(scope);
    return true;
  }

  private async readToken(authorization: string | undefined): Promise<AccessToken> {
    const sent = bearerToken(authorization);
    if (sent === 'absent') throw tokenRequired();
    const token = sent === 'malformed' ? undefined : await this.queries.execute(new ReadAccessToken(sent));
    if (token === undefined) throw invalidToken('it is unknown, expired or revoked');
    const audience = this.issuer.absolute(ADMINISTRATION_PATH);
    if (!token.audience.includes(audience)) throw invalidToken('it is not meant for the administration API');
    return token;
  }
}

/** Without an error code, since nothing was wrong with what was not sent (RFC 6750 §3.1). */
function tokenRequired(): Problem {
  return new Problem('token-required', 'send an access token in the Authorization header', {
    headers: { 'www-authenticate': `Bearer ${REALM}` },
  });
}

function invalidToken(detail: string): Problem {
  return new Problem('invalid-token', detail, {
    headers: { 'www-authenticate': `Bearer ${REALM}, error="invalid_token", error_description="${detail}"` },
  });
}

function insufficientScope(scope: string): Problem {
  return new Problem('insufficient-scope', `the scope ${scope} is required`, {
    headers: { 'www-authenticate': `Bearer ${REALM}, error="insufficient_scope", scope="${scope}"` },
  });
}

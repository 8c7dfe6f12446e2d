import { Injectable, type Type } from '@nestjs/common';
import { GetAuthenticators } from '#authentication/contracts.js';
import { QueryBus } from '#kernel/bus.js';
import type { AuthenticatorPage } from './authenticator-page.js';
import { UsernamePasswordPage } from './username-password.page.js';

/** The page of every authenticator. A new one is its file, its template and its line here. */
export const AUTHENTICATOR_PAGES: readonly Type<AuthenticatorPage>[] = [UsernamePasswordPage];

@Injectable()
export class AuthenticatorPages {
  constructor(
    private readonly queries: QueryBus,
    readonly all: readonly AuthenticatorPage[],
  ) {}

  /** Throws if an authenticator has no page: its users could not log in. Call it at the start, when queries are answered. */
  async requireAll(): Promise<void> {
    for (const { name } of await this.queries.execute(new GetAuthenticators())) {
      if (this.all.some(({ authenticator }) => authenticator === name)) continue;
      throw new Error(`The authenticator “${name}” has no page: write one in pages/authenticators/ and add it to AUTHENTICATOR_PAGES.`);
    }
  }

  /** The pages of these authenticators, in the order of their names there; all pages if no names are given. */
  for(names: readonly string[] | undefined): readonly AuthenticatorPage[] {
    const found = names?.flatMap((name) => this.all.find(({ authenticator }) => authenticator === name) ?? []) ?? [];
    return found.length > 0 ? found : this.all;
  }
}

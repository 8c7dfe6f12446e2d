import { Injectable } from '@nestjs/common';
import { AccountChanged } from '#authentication/contracts.js';
import { Database } from '#database/database.js';
import { type Delivered, On } from '#kernel/bus.js';
import { AuthorizationCodes } from './persistence/authorization-codes.js';

/** A code that is on its way when the password changes may be that of whoever knew the old one. */
@Injectable()
export class DeleteCodes {
  constructor(
    private readonly codes: AuthorizationCodes,
    private readonly database: Database,
  ) {}

  @On(AccountChanged)
  async whenPasswordChanged({ data, time }: Delivered<AccountChanged>): Promise<void> {
    if (data.change === 'password') await this.codes.deleteIssuedBefore(this.database, data.sub, time);
  }
}

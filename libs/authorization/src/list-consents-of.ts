import { HandlesQuery } from '#kernel/bus.js';
import { type ConsentOverview, ListConsentsOf } from './contracts.js';
import { Consents } from './persistence/consents.js';

@HandlesQuery(ListConsentsOf)
export class ListConsentsOfHandler {
  constructor(private readonly consents: Consents) {}

  async execute({ sub }: ListConsentsOf): Promise<readonly ConsentOverview[]> {
    return this.consents.listOf(sub);
  }
}

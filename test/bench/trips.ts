/** What each operation sends to Postgres, counted on the wire, one request at a time; apart from the rounds, whose time it would change. */
import { listenTo } from '#test/postgres-traffic.js';
import { observe } from './cluster.js';
import type { Operation } from './operations.js';
import { startSubject, type Subject } from './subject.js';

const COUNT = 10;
/** Beyond those that the rounds use. */
const USERS_BEFORE = 15_000;

export interface Trips {
  readonly operation: Operation;
  readonly subject: string;
  /** Per operation. */
  readonly statements: number;
  readonly roundTrips: number;
  /** Of one operation, by name. */
  readonly sequence: readonly string[];
}

/** On the database of a subject, by a second process of its kind. */
export async function countTrips({ kind, label, databaseUrl }: Subject, operations: readonly Operation[]): Promise<Trips[]> {
  const wire = await listenTo(databaseUrl, kind.behind);
  const database = await observe(databaseUrl);
  const subject = await startSubject(kind, { label, databaseUrl, database, connectTo: wire.url, usersBefore: USERS_BEFORE });
  try {
    const counted: Trips[] = [];
    for (const operation of operations) {
      const work = await operation.prepare(subject, COUNT + 2);
      await work(COUNT);
      wire.reset();
      for (let index = 0; index < COUNT; index++) await work(index);
      const [statements, roundTrips] = [wire.statements().length / COUNT, wire.roundTrips() / COUNT];
      wire.reset();
      await work(COUNT + 1);
      counted.push({ operation, subject: label, statements, roundTrips, sequence: wire.statements() });
    }
    return counted;
  } finally {
    await subject.stop();
    await wire.close();
  }
}

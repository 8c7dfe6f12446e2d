/** Counts what each operation sends to Postgres, one request at a time. It is not part of the rounds, whose times it would change. */
import { countPostgresTraffic } from '#test/postgres-traffic.js';
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
  const traffic = await countPostgresTraffic(databaseUrl, kind.behind);
  const database = await observe(databaseUrl);
  const subject = await startSubject(kind, { label, databaseUrl, database, connectTo: traffic.url, usersBefore: USERS_BEFORE });
  try {
    const counted: Trips[] = [];
    for (const operation of operations) {
      const work = await operation.prepare(subject, COUNT + 2);
      await work(COUNT);
      traffic.reset();
      for (let index = 0; index < COUNT; index++) await work(index);
      const [statements, roundTrips] = [traffic.statements().length / COUNT, traffic.roundTrips() / COUNT];
      traffic.reset();
      await work(COUNT + 1);
      counted.push({ operation, subject: label, statements, roundTrips, sequence: traffic.statements() });
    }
    return counted;
  } finally {
    await subject.stop();
    await traffic.close();
  }
}

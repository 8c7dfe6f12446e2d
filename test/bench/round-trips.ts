/** Counts what each operation sends to Postgres, one request at a time. It is not part of the rounds, whose times it would change. */
import { countPostgresTraffic } from '#test/postgres-traffic.js';
import { connect } from './cluster.js';
import type { Operation } from './operations.js';
import { startSubject, type Subject } from './subject.js';

const COUNT = 10;
/** The rounds use users with lower numbers. */
const USERS_BEFORE = 15_000;

export interface RoundTrips {
  readonly operation: Operation;
  readonly subject: string;
  /** The average of one operation. */
  readonly statements: number;
  readonly roundTrips: number;
  /** The names of the statements of one operation. */
  readonly sequence: readonly string[];
}

/** Starts a second process of the subject's server on the same database. */
export async function countRoundTrips({ kind, label, databaseUrl }: Subject, operations: readonly Operation[]): Promise<RoundTrips[]> {
  const traffic = await countPostgresTraffic(databaseUrl, kind.background);
  const database = await connect(databaseUrl);
  const subject = await startSubject(kind, { label, databaseUrl, database, connectTo: traffic.url, usersBefore: USERS_BEFORE });
  try {
    const counted: RoundTrips[] = [];
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

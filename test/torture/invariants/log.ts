/** The log of events: every fact once, at positions without a gap, and the same for whoever reads it. */
import type { Stored } from '../stored.js';

/** An event as a reader got it from the administration API. */
export interface ReadEvent {
  readonly sequence: string;
  readonly id: string;
}

export function judgeLog({ events, waiting }: Pick<Stored, 'events' | 'waiting'>): string[] {
  const problems: string[] = [];
  events.forEach(({ position }, index) => {
    const expected = index === 0 ? 1 : (events[index - 1]?.position ?? 0) + 1;
    if (position !== expected) problems.push(`the log goes on at position ${position} where ${expected} was due`);
  });
  const seen = new Set<string>();
  for (const { id, position } of events) {
    if (seen.has(id)) problems.push(`the event ${id} stands in the log again, at position ${position}`);
    seen.add(id);
  }
  if (waiting > 0) problems.push(`${waiting} facts never reached the log`);
  return problems;
}

/** `read` is what one reader got, cursor by cursor, while servers and database died. */
export function judgeReading(read: readonly ReadEvent[], events: Stored['events'], reader: string): string[] {
  const problems: string[] = [];
  const ids = new Map(events.map(({ position, id }) => [String(position), id]));
  read.forEach(({ sequence, id }, index) => {
    if (sequence !== String(index + 1)) problems.push(`${reader} read position ${sequence} where ${index + 1} was due`);
    const logged = ids.get(sequence);
    if (logged !== id) problems.push(`${reader} read ${id} at position ${sequence}, where the log has ${String(logged)}`);
  });
  return problems;
}

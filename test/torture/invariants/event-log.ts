/** The event log holds each event once, at positions without a gap, and every reader gets the same events. */
import type { Snapshot } from '../snapshot.js';

/** An event as the administration API returned it. */
export interface ReadEvent {
  readonly sequence: string;
  readonly id: string;
}

export function checkEventLog({ events, outboxSize }: Pick<Snapshot, 'events' | 'outboxSize'>): string[] {
  const problems: string[] = [];
  events.forEach(({ position }, index) => {
    const expected = index === 0 ? 1 : (events[index - 1]?.position ?? 0) + 1;
    if (position !== expected) problems.push(`the log has position ${position} where ${expected} was expected`);
  });
  const seen = new Set<string>();
  for (const { id, position } of events) {
    if (seen.has(id)) problems.push(`the event ${id} is in the log again, at position ${position}`);
    seen.add(id);
  }
  if (outboxSize > 0) problems.push(`${outboxSize} events did not reach the log`);
  return problems;
}

/** `read` is what one reader got, page by page, while servers and database were killed. */
export function checkReader(read: readonly ReadEvent[], events: Snapshot['events'], reader: string): string[] {
  const problems: string[] = [];
  const ids = new Map(events.map(({ position, id }) => [String(position), id]));
  read.forEach(({ sequence, id }, index) => {
    if (sequence !== String(index + 1)) problems.push(`${reader} read position ${sequence} where ${index + 1} was expected`);
    const logged = ids.get(sequence);
    if (logged !== id) problems.push(`${reader} read ${id} at position ${sequence}, but the log has ${String(logged)}`);
  });
  return problems;
}

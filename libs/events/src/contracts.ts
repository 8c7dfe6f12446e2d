/**
 * The relay: takes facts out of the outbox, gives them their place in the log and hands them to those who listen.
 * This file is the module's door; nothing else of it is imported from outside.
 */
import { Query } from '#kernel/bus.js';

/** An event as CloudEvents 1.0 in structured JSON, with our extensions `sequence` and `traceid`. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  /** RFC 3339. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: object;
  /** Position in the log, decimal. */
  readonly sequence: string;
  readonly traceid?: string;
}

/** How far the relay is behind: facts that are committed and not in the log yet, counted up to 1000, and the age of the oldest. */
export interface OutboxLag {
  readonly waiting: number;
  /** 0 where none waits. */
  readonly oldestSeconds: number;
}

export class GetOutboxLag extends Query<OutboxLag> {}

/** Events of the log behind position `after`, oldest first. No event ever appears behind a position that was handed out. */
export class ListEvents extends Query<readonly CloudEvent[]> {
  constructor(
    readonly page: { readonly after: bigint; readonly types: readonly string[] | undefined; readonly limit: number },
  ) {
    super();
  }
}

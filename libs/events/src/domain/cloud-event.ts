import type { CloudEvent } from '../contracts.js';

/** An event at its position in the log. */
export interface LoggedEvent {
  /** Decimal. */
  readonly position: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time: Date;
  readonly traceId?: string | undefined;
  readonly data: object;
}

/** The envelope of CloudEvents 1.0 §3.1; `issuer` is the source. */
export function toCloudEvent(event: LoggedEvent, issuer: string): CloudEvent {
  return {
    specversion: '1.0',
    id: event.id,
    type: event.type,
    source: issuer,
    subject: event.subject,
    time: event.time.toISOString(),
    datacontenttype: 'application/json',
    data: event.data,
    sequence: event.position,
    ...(event.traceId === undefined ? {} : { traceid: event.traceId }),
  };
}

import { EntitySchema } from 'typeorm';

interface OutboxRow {
  id: string;
  type: string;
  subject: string;
  time: Date;
  trace_id: string | null;
  data: object;
}

/** Facts that are committed and not yet in the log; empty when the relay has caught up. */
export const outboxTable = new EntitySchema<OutboxRow>({
  name: 'outbox',
  columns: {
    id: { type: 'uuid', primary: true, primaryKeyConstraintName: 'outbox_pkey' },
    type: { type: 'text' },
    subject: { type: 'text' },
    time: { type: 'timestamptz' },
    trace_id: { type: 'text', nullable: true },
    data: { type: 'jsonb' },
  },
});

import { HandlesQuery } from '#kernel/bus.js';
import { type CloudEvent, ListEvents } from './contracts.js';
import { toCloudEvent } from './domain/cloud-event.js';
import { EventsOptions } from './options.js';
import { EventLog } from './persistence/event-log.js';
import { SequenceEvents } from './sequence-events.js';

@HandlesQuery(ListEvents)
export class ListEventsHandler {
  constructor(
    private readonly sequencer: SequenceEvents,
    private readonly log: EventLog,
    private readonly options: EventsOptions,
  ) {}

  async execute({ page }: ListEvents): Promise<readonly CloudEvent[]> {
    // What was answered before this question has its event in this answer, whether the relay has come by or not.
    await this.sequencer.catchUp();
    const events = await this.log.read(page);
    return events.map((event) => toCloudEvent(event, this.options.issuer));
  }
}

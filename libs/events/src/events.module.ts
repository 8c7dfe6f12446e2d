import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { DatabaseModule } from '#database/database.module.js';
import { DeliverEvents } from './deliver-events.js';
import { EventsOptions } from './options.js';
import { GetOutboxLagHandler } from './get-outbox-lag.js';
import { Handlers } from './handlers.js';
import { ListEventsHandler } from './list-events.js';
import { EventDeliveries, eventDeliveriesTable } from './persistence/event-deliveries.js';
import { EventHandlers, eventHandlersTable } from './persistence/event-handlers.js';
import { EventLog, eventLogTable } from './persistence/event-log.js';
import { RelayOptions } from './relay-options.js';
import { Relay } from './relay.js';
import { SequenceEvents } from './sequence-events.js';

export { EventsOptions } from './options.js';

const tables = [eventLogTable, eventHandlersTable, eventDeliveriesTable];

@Module({})
export class EventsModule {
  static with(options: EventsOptions, pace: Partial<RelayOptions> = {}): DynamicModule {
    return {
      module: EventsModule,
      imports: [DiscoveryModule, DatabaseModule.forTables(tables)],
      providers: [
        { provide: EventsOptions, useValue: options },
        { provide: RelayOptions, useValue: new RelayOptions(pace) },
        EventLog,
        EventHandlers,
        EventDeliveries,
        Handlers,
        SequenceEvents,
        DeliverEvents,
        Relay,
        ListEventsHandler,
        GetOutboxLagHandler,
      ],
    };
  }
}

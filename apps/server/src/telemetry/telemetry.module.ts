import { type DynamicModule, Global, Module } from '@nestjs/common';
import { MetricsController } from './metrics.controller.js';
import { Metrics } from './metrics.js';

/** What an operator sees of the server from outside of the log: metrics, and where somebody collects them, traces. */
@Global()
@Module({})
export class TelemetryModule {
  static with({ onMainPort }: { onMainPort: boolean }): DynamicModule {
    return {
      module: TelemetryModule,
      controllers: onMainPort ? [MetricsController] : [],
      providers: [Metrics],
      exports: [Metrics],
    };
  }
}

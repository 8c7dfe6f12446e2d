export class EventsOptions {
  constructor(readonly issuer: string) {}
}

import { type LoggedEvent, toCloudEvent } from './cloud-event.js';

const logged: LoggedEvent = {
  position: '9007199254740993',
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  type: 'gatehouse.authorization.code-issued.v1',
  subject: 'g-1',
  time: new Date('2026-01-02T03:04:05.678Z'),
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  data: { grant_id: 'g-1' },
};

describe('an event of the log', () => {
  it('is a CloudEvent whose source is the issuer, and its position may exceed 2^53', () => {
    expect(toCloudEvent(logged, 'https://id.company.test')).toEqual({
      specversion: '1.0',
      id: '01890a5d-ac96-774b-bcce-b302099a8057',
      type: 'gatehouse.authorization.code-issued.v1',
      source: 'https://id.company.test',
      subject: 'g-1',
      time: '2026-01-02T03:04:05.678Z',
      datacontenttype: 'application/json',
      data: { grant_id: 'g-1' },
      sequence: '9007199254740993',
      traceid: '4bf92f3577b34da6a3ce929d0e0e4736',
    });
  });

  it('has no traceid if it was recorded outside of a trace, because extensions must not be null (CloudEvents §3.1)', () => {
    expect(Object.keys(toCloudEvent({ ...logged, traceId: undefined }, 'https://id.company.test'))).not.toContain('traceid');
  });
});

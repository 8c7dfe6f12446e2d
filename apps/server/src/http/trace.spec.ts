import { parentOf } from './trace.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('the parent that a traceparent names (W3C Trace Context §3.2.2)', () => {
  it.each([`00-${TRACE}-00f067aa0ba902b7-01`, `00-${TRACE}-00f067aa0ba902b7-00`, `cc-${TRACE}-00f067aa0ba902b7-01-what-comes-later`])(
    'is read from %s',
    (header) => {
      const traceFlags = header.startsWith(`00-${TRACE}-00f067aa0ba902b7-00`) ? 0 : 1;
      expect(parentOf(header)).toEqual({ traceId: TRACE, spanId: '00f067aa0ba902b7', traceFlags });
    },
  );

  it.each([
    undefined,
    '',
    TRACE,
    `ff-${TRACE}-00f067aa0ba902b7-01`,
    `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}-00f067aa0ba902b7-01x`,
    [`00-${TRACE}-00f067aa0ba902b7-01`, `00-${TRACE}-00f067aa0ba902b7-01`],
  ])('is not read from %j', (header) => {
    expect(parentOf(header)).toBeUndefined();
  });
});

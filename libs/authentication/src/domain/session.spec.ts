import { sessionOf } from './session.js';

const at = (seconds: number): Date => new Date(Date.parse('2026-01-02T03:04:05Z') + seconds * 1000);
const password = { authenticator: 'username-password', acr: 'urn:password', amr: ['pwd'], at: at(0) };
const second = { authenticator: 'one-time-code', acr: 'urn:two-factors', amr: ['otp', 'pwd'], at: at(30) };

describe('a session', () => {
  it('says what its one method says', () => {
    expect(sessionOf({ sid: 's', sub: 'johndoe', methods: [password] })).toEqual({
      ...{ sid: 's', sub: 'johndoe', methods: [password] },
      ...{ acr: 'urn:password', amr: ['pwd'], authTime: at(0) },
    });
  });

  it('has the time and the acr of its last method, and each amr of all once', () => {
    const session = sessionOf({ sid: 's', sub: 'johndoe', methods: [password, second] });
    expect(session).toMatchObject({ acr: 'urn:two-factors', amr: ['pwd', 'otp'], authTime: at(30) });
  });
});

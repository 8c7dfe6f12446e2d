import { callerAddress } from './caller-address.js';

describe('callerAddress', () => {
  it('is the address of the connection, or the one that a trusted proxy reports', () => {
    expect(callerAddress({ ip: '203.0.113.7' })).toBe('203.0.113.7');
  });

  it('is the same for all connections that are closed already', () => {
    expect(callerAddress({ ip: undefined })).toBe('gone');
  });
});

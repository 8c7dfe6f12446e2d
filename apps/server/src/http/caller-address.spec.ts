import { callerAddress } from './caller-address.js';

describe('callerAddress', () => {
  it('is the address of the connection, or of whom a proxy speaks for', () => {
    expect(callerAddress({ ip: '203.0.113.7' })).toBe('203.0.113.7');
  });

  it('is one and the same for all whose connection is gone already', () => {
    expect(callerAddress({ ip: undefined })).toBe('gone');
  });
});

import { Issuer } from './issuer.js';

describe('the issuer', () => {
  it('is secure under https alone', () => {
    expect([new Issuer('https://id.test').secure, new Issuer('http://localhost:9000').secure]).toEqual([true, false]);
  });

  it('puts its own path in front of ours', () => {
    const issuer = new Issuer('https://id.test/tenant');
    expect([issuer.path('/login'), issuer.absolute('/login')]).toEqual(['/tenant/login', 'https://id.test/tenant/login']);
    expect(new Issuer('https://id.test').path('/login')).toBe('/login');
  });

  it.each([
    ['/tenant/login?request=x', '/login?request=x'],
    ['/login', '/login'],
    ['/tenants/login', '/tenants/login'],
    ['/tenant', '/tenant'],
  ])('takes its path off %s', (target, stripped) => {
    expect(new Issuer('https://id.test/tenant').strip(target)).toBe(stripped);
  });
});

import { Issuer } from './issuer.js';

describe('the issuer', () => {
  it('is secure only with https', () => {
    expect([new Issuer('https://id.test').secure, new Issuer('http://localhost:9000').secure]).toEqual([true, false]);
  });

  it('adds its path before the path of a page', () => {
    const issuer = new Issuer('https://id.test/tenant');
    expect([issuer.path('/login'), issuer.absolute('/login')]).toEqual(['/tenant/login', 'https://id.test/tenant/login']);
    expect(new Issuer('https://id.test').path('/login')).toBe('/login');
  });

  it.each([
    ['/tenant/login?request=x', '/login?request=x'],
    ['/login', '/login'],
    ['/tenants/login', '/tenants/login'],
    ['/tenant', '/tenant'],
  ])('removes its path from %s', (target, stripped) => {
    expect(new Issuer('https://id.test/tenant').strip(target)).toBe(stripped);
  });
});

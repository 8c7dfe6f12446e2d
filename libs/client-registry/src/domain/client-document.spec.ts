import fc from 'fast-check';
import { documentErrors } from '#document/check-document.js';
import { declarationOf } from '#document/declaration.js';
import { readNew, readPatch, readReplacement } from './client-document.js';
import { ClientMetadata, FIELD_NAMES, withDefaults } from './client-metadata.js';

const URI = 'https://client.example/cb';
const born = new Date('2026-01-02T03:04:05Z');

function aClient(metadata: Partial<ClientMetadata> = {}) {
  return { ...withDefaults({ redirect_uris: [URI], ...metadata }), client_id: 'www', created_at: born, updated_at: born };
}

/** `pointer rule` of each error; empty for a valid document. */
function errors(read: ReturnType<typeof readPatch>): readonly string[] {
  return read.outcome === 'valid' ? [] : read.errors.map(({ pointer, rule }) => `${pointer} ${rule}`);
}

describe('the class of client metadata', () => {
  const declaration = declarationOf(ClientMetadata);
  const problems = (name: string, value: unknown) =>
    documentErrors({ [name]: value }, { declaration, noun: ClientMetadata.noun, isNew: true, whole: {} });

  it.each(FIELD_NAMES)('has a default that its own checks allow, and a description: %s', (name) => {
    expect(problems(name, withDefaults({})[name])).toEqual([]);
    expect(declaration.get(name)?.description).toMatch(/\.$/);
  });

  it.each(FIELD_NAMES)('has a check that no value of another type passes: %s', (name) => {
    for (const value of [undefined, {}, [[]], Number.NaN, Symbol.iterator]) expect(problems(name, value)).not.toEqual([]);
  });

  it('gives a younger field its default in a client that was stored before it', () => {
    expect(withDefaults({ client_name: 'Old', gone: 1 })).toEqual({ ...withDefaults({}), client_name: 'Old' });
  });
});

describe('a new client', () => {
  it('has the defaults for what it leaves out', () => {
    const read = readNew({ redirect_uris: [URI], client_name: 'A' });
    expect(read).toEqual({ outcome: 'valid', metadata: withDefaults({ redirect_uris: [URI], client_name: 'A' }) });
  });

  it('is refused with each wrong field named', () => {
    const read = readNew({ client_id: '', redirect_uris: [URI, 7], scope: null, nonsense: 1, created_at: born.toISOString() });
    expect(errors(read)).toEqual([
      '/client_id client-id',
      '/redirect_uris/1 type',
      '/scope type',
      '/nonsense unknown-field',
      '/created_at unknown-field',
    ]);
  });

  it('is not fooled by names that every object has', () => {
    const hostile = JSON.parse('{"__proto__":{"enabled":false},"constructor":1,"toString":1,"hasOwnProperty":1}') as object;
    expect(errors(readNew({ ...hostile, redirect_uris: [URI] }))).toHaveLength(4);
    expect(({} as Record<string, unknown>)['enabled']).toBeUndefined();
  });

  it.each([
    ['R4: a code-flow client without redirect URI', { redirect_uris: [] }, '/redirect_uris redirect-uri-required'],
    ['a code-flow client without the response type', { response_types: [] }, '/response_types response-type-required'],
    [
      'R2: a public client with client_credentials',
      { token_endpoint_auth_method: 'none', grant_types: ['client_credentials'] },
      '/grant_types public-client',
    ],
    ['R9: a default scope outside of scope', { scope: 'a b', default_scope: 'b c' }, '/default_scope default-scope'],
    ['an administration scope with the code flow', { scope: 'openid keys:write' }, '/grant_types administration-scope'],
    [
      'an administration scope with the code flow beside client_credentials',
      { scope: 'users:read', grant_types: ['client_credentials', 'authorization_code'] },
      '/grant_types administration-scope',
    ],
  ])('breaks a rule of the whole: %s', (_, document, error) => {
    expect(errors(readNew({ redirect_uris: [URI], ...document }))).toEqual([error]);
  });

  it('may ask for administration scopes with client_credentials alone', () => {
    expect(errors(readNew({ scope: 'keys:write', grant_types: ['client_credentials'], response_types: [] }))).toEqual([]);
  });

  it('is valid or refused with words for every field, whatever the document', () => {
    const names = fc.oneof(fc.constantFrom(...FIELD_NAMES, 'client_id'), fc.string());
    fc.assert(
      fc.property(fc.dictionary(names, fc.jsonValue()), (document) => {
        const read = readNew(document);
        if (read.outcome === 'valid') expect(readNew({ ...read.metadata })).toMatchObject({ metadata: read.metadata });
        else for (const { detail, rule } of read.errors) expect([detail, rule]).not.toContain('');
      }),
    );
  });
});

describe('a replacement', () => {
  it('falls back to the defaults and takes the registry’s own fields as they were', () => {
    const current = aClient({ client_name: 'A', scope: 'openid' });
    const own = { client_id: 'www', created_at: born.toISOString(), updated_at: born.toISOString() };
    expect(readReplacement({ redirect_uris: [URI], ...own }, current)).toMatchObject({ metadata: { client_name: null, scope: '' } });
    expect(errors(readReplacement({ redirect_uris: [URI], client_id: 'x', updated_at: '2030' }, current))).toEqual([
      '/client_id read-only',
      '/updated_at read-only',
    ]);
  });
});

describe('a merge patch', () => {
  it('changes what it names and keeps the rest', () => {
    const current = aClient({ client_name: 'A', scope: 'a' });
    expect(readPatch({ scope: 'b' }, current)).toMatchObject({ metadata: { client_name: 'A', scope: 'b' } });
    expect(readPatch({}, aClient({ client_name: 'A' }))).toMatchObject({ metadata: { client_name: 'A' } });
  });

  it('takes a field back to its default with null, unless null is a value of it', () => {
    const current = aClient({ access_token_lifetime: 60, refresh_token_lifetime: 60, client_name: 'A' });
    expect(readPatch({ access_token_lifetime: null, refresh_token_lifetime: null, client_name: null }, current)).toMatchObject({
      metadata: { access_token_lifetime: 300, refresh_token_lifetime: null, client_name: null },
    });
  });

  it('replaces a list whole', () => {
    expect(readPatch({ redirect_uris: [`${URI}2`] }, aClient())).toMatchObject({ metadata: { redirect_uris: [`${URI}2`] } });
  });

  it('is refused for unknown fields, null ones too, and for what breaks a rule of the whole', () => {
    expect(errors(readPatch({ nonsense: null }, aClient()))).toEqual(['/nonsense unknown-field']);
    expect(errors(readPatch({ redirect_uris: null }, aClient()))).toEqual(['/redirect_uris redirect-uri-required']);
    expect(errors(readPatch({ scope: 'events:read' }, aClient()))).toEqual(['/grant_types administration-scope']);
  });
});

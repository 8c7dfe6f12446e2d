const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/**
 * The first member name that stands twice in one object of this JSON text, which is known to be well-formed. Parsers keep
 * either of the two, so that the server and whoever checked the body before it could read different documents (RFC 8259 §4).
 */
export function repeatedMember(text: string): string | undefined {
  const objects: (Set<string> | undefined)[] = [];
  let string = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token.startsWith('"')) string = token;
    else if (token === '{') objects.push(new Set());
    else if (token === '[') objects.push(undefined);
    else if (token === '}' || token === ']') objects.pop();
    else if (token === ':') {
      // Two spellings of one name are one name.
      const name = String(JSON.parse(string));
      const names = objects.at(-1);
      if (names?.has(name) === true) return name;
      names?.add(name);
    }
  }
  return undefined;
}

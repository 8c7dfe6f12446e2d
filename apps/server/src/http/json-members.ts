const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/**
 * The first member name that one object of this well-formed JSON text has twice. Some parsers keep the first value and some the
 * last, so the server and a proxy could read different documents (RFC 8259 §4).
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
      // Escapes may spell one name in two ways.
      const name = String(JSON.parse(string));
      const names = objects.at(-1);
      if (names?.has(name) === true) return name;
      names?.add(name);
    }
  }
  return undefined;
}

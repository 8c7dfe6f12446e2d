/**
 * Compares the output that a page shows with the output of the command. In a text `…` matches any characters; as a JSON value it matches
 * any value, and as a member or an entry it matches any further ones.
 */
const ANYTHING = '…';
/** Members whose numbers depend on the time of the request. */
const TIMES = ['expires_in', 'exp', 'iat', 'nbf', 'auth_time', 'updated_at'];

/** One sentence for each difference; none if the page is right. */
export function differences(language: string, shown: string, printed: string): string[] {
  if (language === 'json') return jsonDifferences(shown, printed);
  if (language === 'http') return httpDifferences(shown, printed);
  return lineDifferences(shown.trimEnd(), printed.trimEnd());
}

function jsonDifferences(shown: string, printed: string): string[] {
  try {
    return valueDifferences(JSON.parse(shown), JSON.parse(printed), '');
  } catch (error) {
    return [`${String(error)} in what is shown, ${shown}, or in what is printed, ${printed}`];
  }
}

function valueDifferences(shown: unknown, printed: unknown, path: string): string[] {
  if (shown === ANYTHING) return [];
  const differ = [`${path || 'all'} is shown as ${JSON.stringify(shown)} and is ${JSON.stringify(printed)}`];
  if (isObject(shown) && isObject(printed) && Array.isArray(shown) === Array.isArray(printed)) {
    return memberDifferences(shown, printed, path);
  }
  return isLike(shown, printed, path.slice(path.lastIndexOf('/') + 1)) ? [] : differ;
}

function isLike(shown: unknown, printed: unknown, name: string): boolean {
  if (typeof shown === 'string' && typeof printed === 'string') return patternOf(shown).test(printed);
  return shown === printed || (typeof shown === 'number' && typeof printed === 'number' && TIMES.includes(name));
}

function memberDifferences(shown: Members, printed: Members, path: string): string[] {
  const named = Object.keys(shown).filter((name) => name !== ANYTHING && !(Array.isArray(shown) && shown[name] === ANYTHING));
  const isWhole = named.length === Object.keys(shown).length;
  const unnamed = isWhole ? Object.keys(printed).filter((name) => !named.includes(name)) : [];
  const inside = named.flatMap((name) =>
    name in printed ? valueDifferences(shown[name], printed[name], `${path}/${name}`) : [`${path}/${name} is not there`],
  );
  return [...inside, ...unnamed.map((name) => `${path}/${name} is not shown`)];
}

/** Compares the status line, the shown header fields, and the body if one is shown. */
function httpDifferences(shown: string, printed: string): string[] {
  const [head = '', body = ''] = shown.split(/\n\n(.*)/s);
  const [realHead = '', realBody = ''] = printed.replaceAll('\r', '').split(/\n\n(.*)/s);
  const lines = realHead.split('\n').map(lowerName);
  const missing = head.trimEnd().split('\n').filter((line) => !lines.some((real) => patternOf(lowerName(line)).test(real)));
  const inBody = body.trim() === '' ? [] : jsonDifferences(body, realBody);
  return [...missing.map((line) => `${line} is not in the answer: ${realHead}`), ...inBody];
}

function lowerName(line: string): string {
  return line.replace(/^[\w-]+:/, (name) => name.toLowerCase());
}

function lineDifferences(shown: string, printed: string): string[] {
  return patternOf(shown).test(printed) ? [] : [`shown is:\n${shown}\nand printed was:\n${printed}`];
}

type Members = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}

function patternOf(text: string): RegExp {
  const parts = text.split(ANYTHING).map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}

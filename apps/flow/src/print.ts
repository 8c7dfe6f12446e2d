/** What the terminal shows: numbered messages, each with what it is and where it is specified; secrets shortened or left out. */

/** Values that open something, now or a minute ago. */
const SECRET = new Set(['access_token', 'refresh_token', 'id_token', 'code', 'code_verifier', 'client_secret', 'password']);
const SHOWN_CHARACTERS = 6;

export interface Message {
  readonly title: string;
  readonly explanation: string;
  readonly specification: string;
}

/** Counts the messages. */
export class Script {
  #count = 0;

  constructor(private readonly write: (text: string) => void) {}

  message({ title, explanation, specification }: Message): void {
    this.#count += 1;
    this.write(`\n${String(this.#count)}. ${title}\n${wrapped(explanation)}   ${specification}\n\n`);
  }

  line(text: string): void {
    this.write(`     ${text}\n`);
  }

  fields(fields: Iterable<readonly [name: string, value: unknown]>): void {
    for (const [name, value] of fields) this.line(`${name}: ${shown(name, value)}`);
  }
}

const WIDTH = 96;

function wrapped(text: string): string {
  const lines = text.match(new RegExp(`.{1,${String(WIDTH)}}(?= |$)`, 'g')) ?? [];
  return lines.map((line) => `   ${line.trim()}\n`).join('');
}

function shown(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // Tokens begin with their time: the ends tell them apart.
  return SECRET.has(name) ? `…${text.slice(-SHOWN_CHARACTERS)} (${String(text.length)} characters)` : text;
}

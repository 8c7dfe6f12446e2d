/** Parses the answers of a server strictly: anything but well-formed HTTP/1.1 is an error (RFC 9112). */

export interface Answer {
  readonly status: number;
  /** The values of each header line, by the name in lower case. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Buffer;
}

export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';
}

const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d) [\x20-\x7e]*$/;
const HEADER_LINE = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\x20-\x7e]*)$/;
const MAX_HEAD = 64 * 1024;
const EMPTY = Buffer.alloc(0);

interface Head {
  readonly status: number;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly end: number;
}

export function header({ headers }: Pick<Answer, 'headers'>, name: string): string | undefined {
  return headers.get(name)?.[0];
}

/** Reads the answers of one connection in their order. */
export class AnswerReader {
  #buffer: Buffer = EMPTY;

  add(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
  }

  get rest(): Buffer {
    return this.#buffer;
  }

  /** The next final answer if it is complete. `toHead` says that the request was a HEAD, whose answer has no body. */
  take(toHead: boolean): Answer | undefined {
    for (;;) {
      const head = readHead(this.#buffer);
      if (head === undefined) return undefined;
      const { status, headers, end } = head;
      if (status < 200) {
        this.#buffer = this.#buffer.subarray(end);
        continue;
      }
      const body = toHead || status === 204 || status === 304 ? { bytes: EMPTY, end } : readBody(this.#buffer, head);
      if (body === undefined) return undefined;
      this.#buffer = this.#buffer.subarray(body.end);
      return { status, headers, body: body.bytes };
    }
  }
}

function readHead(buffer: Buffer): Head | undefined {
  const end = buffer.indexOf('\r\n\r\n');
  if (end < 0) {
    if (buffer.length > MAX_HEAD) throw new MalformedAnswer('the head of the answer does not end');
    return undefined;
  }
  const [first = '', ...lines] = buffer.toString('latin1', 0, end).split('\r\n');
  const status = STATUS_LINE.exec(first)?.[1];
  if (status === undefined) throw new MalformedAnswer(`not a status line: ${JSON.stringify(first.slice(0, 200))}`);
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const [, name, value] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new MalformedAnswer(
      `not a header line: ${JSON.stringify(line.slice(0, 200))}`,
    );
    const values = headers.get(name.toLowerCase());
    if (values === undefined) headers.set(name.toLowerCase(), [value]);
    else values.push(value);
  }
  return { status: Number(status), headers, end: end + 4 };
}

function readBody(buffer: Buffer, { headers, end }: Head): { bytes: Buffer; end: number } | undefined {
  const lengths = headers.get('content-length') ?? [];
  const codings = headers.get('transfer-encoding') ?? [];
  if (lengths.length + codings.length !== 1) throw new MalformedAnswer('the answer must have exactly one length');
  if (codings[0] !== undefined) return readChunks(buffer, end, codings[0]);
  const length = Number(lengths[0]);
  if (!Number.isSafeInteger(length) || length < 0) throw new MalformedAnswer(`the length is ${String(lengths[0])}`);
  return buffer.length < end + length ? undefined : { bytes: buffer.subarray(end, end + length), end: end + length };
}

function readChunks(buffer: Buffer, start: number, coding: string): { bytes: Buffer; end: number } | undefined {
  if (coding !== 'chunked') throw new MalformedAnswer(`the transfer coding is ${coding}`);
  const chunks: Buffer[] = [];
  for (let at = start; ;) {
    const line = buffer.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = buffer.toString('latin1', at, line);
    if (!/^[0-9a-f]+$/i.test(size)) throw new MalformedAnswer(`the size of a chunk is ${JSON.stringify(size.slice(0, 40))}`);
    const length = Number.parseInt(size, 16);
    const end = line + 2 + length;
    if (buffer.length < end + 2) return undefined;
    if (buffer.toString('latin1', end, end + 2) !== '\r\n') throw new MalformedAnswer('a chunk does not end after its size');
    chunks.push(buffer.subarray(line + 2, end));
    at = end + 2;
    if (length === 0) return { bytes: Buffer.concat(chunks), end: at };
  }
}

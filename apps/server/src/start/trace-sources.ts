import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';

interface Frame extends NodeJS.CallSite {
  toString(): string;
}

/**
 * Lets stack traces name the places in the sources that a file was made of, by the map beside it. Where a build has taken the map
 * away meanwhile they name those in the file: whoever looks at an error must not meet another one.
 */
export function traceSources(file: string): void {
  let map: SourceMap | 'gone' | undefined;
  const told = (frame: Frame): string => {
    const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()];
    if (frame.getFileName() !== file || line === null || column === null) return frame.toString();
    map ??= readMap(`${file}.map`) ?? 'gone';
    if (map === 'gone') return frame.toString();
    const origin = map.findOrigin(line, column);
    if (!('fileName' in origin)) return frame.toString();
    const place = [resolve(dirname(file), origin.fileName), origin.lineNumber, origin.columnNumber].join(':');
    return frame.toString().replace([file, line, column].join(':'), () => place);
  };
  Error.prepareStackTrace = (error, frames: readonly Frame[]) =>
    [Error.prototype.toString.call(error), ...frames.map((frame) => `    at ${told(frame)}`)].join('\n');
}

function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(file, 'utf8')) as ConstructorParameters<typeof SourceMap>[0]);
  } catch {
    return undefined;
  }
}

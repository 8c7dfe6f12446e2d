import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';

interface Frame extends NodeJS.CallSite {
  toString(): string;
}

/** Lets stack traces name the places in the sources that a file was made of, by the map beside it. */
export function traceSources(file: string): void {
  let map: SourceMap | undefined;
  const told = (frame: Frame): string => {
    const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()];
    if (frame.getFileName() !== file || line === null || column === null) return frame.toString();
    map ??= new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')) as ConstructorParameters<typeof SourceMap>[0]);
    const origin = map.findOrigin(line, column);
    if (!('fileName' in origin)) return frame.toString();
    const place = [resolve(dirname(file), origin.fileName), origin.lineNumber, origin.columnNumber].join(':');
    return frame.toString().replace([file, line, column].join(':'), place);
  };
  Error.prepareStackTrace = (error, frames: readonly Frame[]) =>
    [String(error), ...frames.map((frame) => `    at ${told(frame)}`)].join('\n');
}

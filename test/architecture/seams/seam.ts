/**
 * A seam: a promise of “Where to change what” in docs/architecture.md. It adds one thing of a kind to a copy of the repository, as
 * the smallest real thing, and says which existing files it has to touch for that.
 */
export interface Seam {
  /** The row of the table in docs/architecture.md. */
  readonly row: string;
  /** The most existing files that such a thing may touch. */
  readonly goal: number;
  /** New files, by their paths. */
  readonly added: Readonly<Record<string, string>>;
  readonly edits: readonly Edit[];
}

/** A change of an existing file: `text` comes behind (or before) the one place that `anchor` names. */
export interface Edit {
  readonly file: string;
  readonly anchor: string;
  readonly text: string;
  readonly before?: true;
}

/** The existing files that a seam touches. */
export function touchedFiles({ edits }: Seam): readonly string[] {
  return [...new Set(edits.map(({ file }) => file))].sort();
}

/** The source of a file with the edits. Throws if an anchor is not there exactly once: then the seam has to follow the code. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  return edits.reduce((text, { file, anchor, text: inserted, before }) => {
    const parts = text.split(anchor);
    if (parts.length !== 2) throw new Error(`${file} has ${String(parts.length - 1)} times: ${anchor}`);
    return parts.join(before === true ? inserted + anchor : anchor + inserted);
  }, source);
}

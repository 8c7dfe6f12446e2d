/** Reads metrics in the text format of Prometheus. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export async function readMetrics(url: string): Promise<Sample[]> {
  const response = await fetch(url);
  if (response.status !== 200) throw new Error(`${url} answered with ${String(response.status)}`);
  return samplesOf(await response.text());
}

function samplesOf(text: string): Sample[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', one = '']) => [label, one] as const);
    return { name, labels: Object.fromEntries(pairs), value: Number(value) };
  });
}

/** The sum of all samples with the name and the labels; 0 if there is none. */
export function valueOf(samples: readonly Sample[], name: string, labels: Sample['labels'] = {}): number {
  const wanted = Object.entries(labels);
  const matching = samples.filter((sample) => sample.name === name && wanted.every(([label, one]) => sample.labels[label] === one));
  return matching.reduce((sum, { value }) => sum + value, 0);
}

/** As much of HTML as it takes to fill in a form: the fields that a browser without JavaScript would send. */

export interface Form {
  readonly action: string;
  readonly fields: ReadonlyMap<string, string>;
  readonly hasPassword: boolean;
  /** Names and values of the buttons that submit, in their order. */
  readonly buttons: readonly (readonly [name: string, value: string])[];
}

export function formsOf(html: string): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, tag = '', content = '']) => {
    const inputs = tagsOf(content, 'input');
    const buttons = tagsOf(content, 'button').filter((button) => button.has('name'));
    return {
      action: attributesOf(tag).get('action') ?? '',
      fields: new Map(inputs.filter(isSent).map((input) => [input.get('name') ?? '', input.get('value') ?? ''])),
      hasPassword: inputs.some((input) => input.get('type') === 'password'),
      buttons: buttons.map((button) => [button.get('name') ?? '', button.get('value') ?? ''] as const),
    };
  });
}

type Attributes = ReadonlyMap<string, string>;

function isSent(input: Attributes): boolean {
  const type = input.get('type') ?? 'text';
  if (!input.has('name') || type === 'submit') return false;
  return (type !== 'checkbox' && type !== 'radio') || input.has('checked');
}

function tagsOf(html: string, name: string): Attributes[] {
  return [...html.matchAll(new RegExp(`<${name}\\b([^>]*)>`, 'gi'))].map(([, tag = '']) => attributesOf(tag));
}

function attributesOf(tag: string): Attributes {
  const found = tag.matchAll(/([^\s"'=/>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g);
  return new Map([...found].map(([, name = '', ...values]) => [name.toLowerCase(), decoded(values.find((value) => value) ?? '')]));
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'", apos: "'" };

function decoded(text: string): string {
  return text.replaceAll(/&(lt|gt|quot|amp|#39|apos);/g, (entity, name: string) => ENTITIES[name] ?? entity);
}

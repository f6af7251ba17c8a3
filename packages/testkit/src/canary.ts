import { inspect } from 'node:util';

/** Where a secret can be read, in what was shown; in words, empty where it cannot. */
export function findCanaries(shown: readonly unknown[], canaries: readonly string[]): readonly string[] {
  const texts = shown.map((value) => `${inspect(value, EVERYTHING)}\n${asJson(value)}`);
  const wanted = canaries.map((canary) => ({ canary, forms: formsOf(canary) }));
  return texts.flatMap((text, place) => {
    const readable = unquoted(`${text}\n${decoded(text)}`);
    return wanted
      .filter(({ forms }) => forms.some((form) => readable.includes(form)))
      .map(({ canary }) => `secret ${canaries.indexOf(canary)} can be read in what was shown as ${place}`);
  });
}

const EVERYTHING = {
  depth: 10,
  showHidden: true,
  maxArrayLength: null,
  maxStringLength: null,
  breakLength: Infinity,
} as const;

/** A secret as it may look inside other text. */
function formsOf(canary: string): readonly string[] {
  return [unquoted(canary), encodeURIComponent(canary), Buffer.from(canary).toString('hex')];
}

/** Without the backslashes that quoting adds, however often something was quoted. */
function unquoted(text: string): string {
  return text.replaceAll('\\', '');
}

/** What base64 in a text stands for, such as the credential in an `Authorization` header. */
function decoded(text: string): string {
  const runs = text.match(/[A-Za-z0-9+/_-]{8,}={0,2}/g) ?? [];
  return runs.map((run) => Buffer.from(run, 'base64').toString('utf8')).join('\n');
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

import { DisconnectError } from '@slipline/core';

/** What is wrong with the command line, what was meant perhaps, and what there is. */
export async function unknownWord(
  what: string,
  word: string,
  known: readonly string[],
  spell: (word: string) => string = (one) => one,
  synonyms: readonly string[] = [],
): Promise<DisconnectError> {
  const meant = await nearest(word, [...known, ...synonyms]);
  const all = `there are: ${known.map(spell).join(', ')}`;
  return usage(what, meant === undefined ? all : `did you mean ${spell(meant)}? ${all}`);
}

export function usage(what: string, next: string): DisconnectError {
  return new DisconnectError('invalid-request', what, { next });
}

async function nearest(word: string, known: readonly string[]): Promise<string | undefined> {
  const { closestMatch } = await import('leven');
  const maxDistance = Math.min(3, Math.max(1, Math.floor(word.length / 2)));
  return closestMatch(word.slice(0, 40).toLowerCase(), [...known], { maxDistance });
}

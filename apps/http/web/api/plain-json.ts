import { plainText } from '@slipline/core';

const HARMLESS = /^[\x20-\x7e]*$/;
const LONGEST = 16_384;

/** JSON whose texts may be shown: control, escape and bidirectional characters of whatever server they came from are gone. */
export function parsePlain(text: string): unknown {
  return JSON.parse(text, (_name, value: unknown) => (typeof value === 'string' ? plain(value) : value));
}

const plain = (text: string): string =>
  HARMLESS.test(text) && text.length <= LONGEST ? text : plainText(text, LONGEST);

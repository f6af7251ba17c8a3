import { inspect, format } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { describe, expect, it } from '@jest/globals';
import { DisconnectError } from './errors.ts';
import { Secret } from './secret.ts';

const CANARY = 'canary-7f3a';
const secret = new Secret(CANARY);

describe('Secret', () => {
  it('gives its value to who asks for it by name', () => {
    expect(secret.reveal()).toBe(CANARY);
  });

  it.each<[string, () => unknown]>([
    ['JSON', () => JSON.stringify({ password: secret })],
    ['String', () => String(secret)],
    ['a template', () => `${secret as unknown as string}`],
    ['concatenation', () => 'password: ' + (secret as unknown as string)],
    ['inspect', () => inspect({ password: secret }, { depth: 5 })],
    ['util.format', () => format('%s %o %O %j', secret, secret, secret, secret)],
    ['the message of an error', () => new Error(`wrong: ${secret as unknown as string}`).message],
    [
      'the details of an error',
      () => inspect(new DisconnectError('internal', 'wrong', { details: { secret: secret as never } })),
    ],
    ['an array that is joined', () => [secret, secret].join()],
  ])('prints as [secret] in %s', (_where, print) => {
    const printed = String(print());
    expect(printed).toContain('[secret]');
    expect(printed).not.toContain(CANARY);
  });

  it.each<[string, () => unknown]>([
    ['inspect without custom printing', () => inspect(secret, { customInspect: false, showHidden: true })],
    ['inspect with getters', () => inspect(secret, { customInspect: false, getters: true, depth: 5 })],
    ['structuredClone', () => inspect(structuredClone(secret))],
    ['v8.serialize', () => serialize(secret).toString('latin1')],
    ['v8.deserialize', () => inspect(deserialize(serialize(secret)))],
    ['a spread', () => inspect({ ...secret })],
    ['Object.entries', () => inspect([Object.entries(secret), Reflect.ownKeys(secret)])],
    ['Number', () => inspect(Number(secret))],
  ])('is not in %s', (_where, print) => {
    expect(String(print())).not.toContain(CANARY);
  });
});

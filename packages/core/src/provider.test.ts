import { describe, expect, it } from '@jest/globals';
import { defineProvider, type AnyPlugin } from './provider.ts';

const plugin = defineProvider({
  contract: 1,
  id: 'harbor',
  title: 'Harbor',
  impact: 'low',
  connect: {
    host: { type: 'string', summary: 'the host', endpoint: true, required: true },
    password: { type: 'secret', summary: 'the password' },
    minutes: { type: 'integer', summary: 'how long' },
  },
  find: { id: { type: 'string', summary: 'the session', many: true } },
  create: () => ({
    find: async function* () {},
    disconnect: async () => ({ wasGone: false }),
    connect: async ({ host, minutes }) => ({
      endpoint: host,
      kind: 'berth',
      label: host,
      ownership: 'opened',
      effects: ['end'],
      details: { minutes: minutes ?? null },
    }),
  }),
});

describe('defineProvider', () => {
  it('freezes the plugin', () => {
    expect(Object.isFrozen(plugin)).toBe(true);
  });

  it('makes a plugin of any parameters one that an app can hold', () => {
    const held: readonly AnyPlugin[] = [plugin];
    expect(held.map(({ id }) => id)).toEqual(['harbor']);
  });
});

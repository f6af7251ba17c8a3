import { createRequire } from 'node:module';
import { expect, it, jest } from '@jest/globals';
import { Secret, type Session } from '@slipline/core';
import { CONTOSO, SECRET_APPLICATION } from '@slipline/microsoft-identity/testing';
import type { World as AnyWorld } from './testing/world.test.support.ts';

// The library that fetches tokens is seen here when it is loaded.
const MSAL = '@azure/msal-node';
const loaded: string[] = [];
const actual = createRequire(new URL('../../microsoft-identity/package.json', import.meta.url));
jest.unstable_mockModule(MSAL, () => {
  loaded.push(MSAL);
  const library = actual(MSAL) as object;
  return { ...library, default: library };
});

const { World } = await import('./testing/world.test.support.ts');

it('lists and forgets without MSAL, and asks nobody', async () => {
  await using world = await World.open();
  const sessions = [await given(world), await given(world), await given(world)];
  world.clearRequests();
  expect(await world.numbers()).toEqual(['1', '2', '3']);
  for (const session of sessions) expect(await world.end(session)).toMatchObject({ status: 'disconnected' });
  expect([loaded, world.requestCount]).toEqual([[], 0]);
  // It is the one that is loaded for this.
  await world.connect();
  expect(loaded).toEqual([MSAL]);
});

function given(world: AnyWorld): Promise<Session> {
  const scope = `${world.graph.origin}/.default`;
  const token = world.provider.issueForApplication(CONTOSO.id, SECRET_APPLICATION, scope);
  return world.connectOnly({ accessToken: new Secret(token) });
}

import { createRequire } from 'node:module';
import { expect, it, jest } from '@jest/globals';
import type { World as AnyWorld } from './world.test.support.ts';

// The library that fetches tokens is seen here when it is loaded.
const loaded: string[] = [];
const actual = createRequire(new URL('../../microsoft-identity/package.json', import.meta.url));
jest.unstable_mockModule('@azure/msal-node', () => {
  loaded.push('@azure/msal-node');
  const library = actual('@azure/msal-node') as object;
  return { ...library, default: library };
});

const { World } = await import('./world.test.support.ts');

it('lists and forgets without the library that fetches tokens, and asks nobody', async () => {
  await using world = await World.open();
  const { accessToken, ...values } = await givenToken(world);
  for (let number = 1; number <= 3; number += 1) await world.connect({ ...values, accessToken });
  const before = world.bench.requests?.();
  expect(await world.list()).toHaveLength(3);
  const { outcomes } = await world.disconnect();
  expect(outcomes.map(({ status }) => status)).toEqual(['disconnected', 'disconnected', 'disconnected']);
  expect([loaded, world.bench.requests?.()]).toEqual([[], before]);
  // It is the one that is loaded for this.
  await world.connect();
  expect(loaded).toEqual(['@azure/msal-node']);
});

async function givenToken(world: AnyWorld) {
  const { Secret } = await import('@slipline/core');
  const { CONTOSO, SECRET_APPLICATION } = await import('@slipline/microsoft-identity/testing');
  const { EXCHANGE_HOSTS } = await import('./testing/index.ts');
  const scope = `https://${EXCHANGE_HOSTS.exchange}/.default`;
  const token = world.bench.provider.issueForApplication(CONTOSO.id, SECRET_APPLICATION, scope);
  return { device: undefined, organization: 'contoso.onmicrosoft.com', accessToken: new Secret(token) };
}

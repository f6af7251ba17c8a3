import { createRequire } from 'node:module';
import { expect, it, jest } from '@jest/globals';
import { Secret } from '@slipline/core';
import { CONTOSO, SECRET_APPLICATION } from '@slipline/microsoft-identity/testing';
import { EXCHANGE_HOSTS } from './testing/index.ts';
import { World } from './testing/world.test.support.ts';

// The library that fetches tokens is seen here when it is loaded, which nothing above does.
const MSAL = '@azure/msal-node';
const loaded: string[] = [];
const actual = createRequire(new URL('../../microsoft-identity/package.json', import.meta.url));
jest.unstable_mockModule(MSAL, () => {
  loaded.push(MSAL);
  const library = actual(MSAL) as object;
  return { ...library, default: library };
});

it('lists and forgets without the library that fetches tokens, and asks nobody', async () => {
  await using world = await World.open();
  const scope = `https://${EXCHANGE_HOSTS.exchange}/.default`;
  const token = world.bench.provider.issueForApplication(CONTOSO.id, SECRET_APPLICATION, scope);
  const accessToken = new Secret(token);
  for (let number = 1; number <= 3; number += 1)
    await world.connect({ device: undefined, organization: 'contoso.onmicrosoft.com', accessToken });
  const before = world.bench.requests?.();
  expect(await world.list()).toHaveLength(3);
  const { outcomes } = await world.disconnect();
  expect(outcomes.map(({ status }) => status)).toEqual(['disconnected', 'disconnected', 'disconnected']);
  expect([loaded, world.bench.requests?.()]).toEqual([[], before]);
  // It is the one that is loaded for this.
  await world.connect();
  expect(loaded).toEqual(['@azure/msal-node']);
});

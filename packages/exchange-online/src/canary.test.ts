import { inspect } from 'node:util';
import { expect, it, jest } from '@jest/globals';
import { Secret } from '@slipline/core';
import { faults, SECRET_APPLICATION } from '@slipline/microsoft-identity/testing';
import { exchangeFaults } from './testing/index.ts';
import { World } from './testing/world.test.support.ts';

jest.setTimeout(30_000);

const shown = (value: unknown): string =>
  `${inspect(value, { depth: 10, showHidden: true, maxStringLength: null })}\n${JSON.stringify(value) ?? ''}`;

it('no secret can be seen, whatever is done and whatever goes wrong', async () => {
  await using world = await World.open();
  const { bench, slipline } = world;
  const seen: unknown[] = [];
  const see = async (pending: Promise<unknown>): Promise<void> => {
    seen.push(await pending.catch((error: unknown) => error));
  };
  const wrong = 'a-wrong-secret-of-somebody';
  for (const fault of [
    faults.echo(),
    faults.html(),
    faults.emptyToken(),
    faults.notJson(),
    faults.forge('tenant'),
  ]) {
    bench.provider.inject(fault, { path: '/oauth2/v2.0/token', times: 1 });
    await see(world.connectApplication());
  }
  await see(world.connectApplication({ clientSecret: new Secret(wrong) }));
  for (const fault of [faults.echo(), exchangeFaults.unauthorized(), exchangeFaults.falselyPacked()]) {
    bench.exchange.inject(fault, { times: 1 });
    await see(world.connectApplication());
  }
  for (const connect of [
    () => world.connect(),
    () => world.connectApplication(),
    () => world.connect({ device: false }),
  ]) {
    const session = await connect();
    seen.push(session);
    await see(world.list());
    await see(world.list(true));
    bench.exchange.inject(faults.echo(), { times: 1 });
    await see(world.list(true));
    await see(slipline.access(session));
    bench.graph.inject(faults.echo(), { times: 1 });
    await see(world.disconnect({ connectionId: [session.id] }, { effect: 'revoke', verifyTimeout: 300 }));
    await see(world.disconnect({ connectionId: [session.id] }));
    await see(slipline.access(session));
  }
  seen.push(
    world.log.records,
    await world.ledger.entries(),
    await world.ledger.receipts(),
    slipline,
    bench.plugin,
  );

  const text = shown(seen);
  const canaries = [...bench.canaries(), wrong, SECRET_APPLICATION.secrets[0]?.value ?? ''];
  expect(canaries.length).toBeGreaterThan(10);
  expect(canaries.filter((canary) => text.includes(canary))).toEqual([]);
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DisconnectError, Secret } from '@slipline/core';
import { CONTOSO, faults, graphFaults, SECRET_APPLICATION } from '@slipline/microsoft-identity/testing';
import { CERTIFICATE, PRIVATE_KEY } from './certificates.test.support.ts';
import { World } from './testing/world.test.support.ts';

const PASSWORD = 'canary-of-a-pfx-password';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entra-'));
  await writeFile(join(folder, 'app.pem'), CERTIFICATE + PRIVATE_KEY);
});
afterAll(() => rm(folder, { recursive: true }));

it('no token, secret, password or key is in anything that can be shown, whatever happens', async () => {
  await using world = await World.open();
  world.provider.register(CONTOSO.id, { ...SECRET_APPLICATION, certificates: [CERTIFICATE] });
  const shown: unknown[] = [];
  const show = async (work: Promise<unknown>) => {
    shown.push(await work.catch((error: unknown) => [error, DisconnectError.from(error).toJSON()]));
  };
  const certificateFile = join(folder, 'app.pem');
  const application = { ...world.bench.applicationValues(), clientSecret: undefined };
  await show(world.connect({ name: 'work' }));
  await show(world.connectApplication());
  await show(world.connectOnly({ ...application, certificateFile }));
  await show(
    world.connectOnly({ ...application, certificateFile, certificatePassword: new Secret(PASSWORD) }),
  );
  await show(world.connectApplication({ clientSecret: new Secret(`${PASSWORD}-wrong`) }));
  const [session] = (await world.list()).sessions;
  if (session === undefined) throw new Error('Nothing is connected.');
  const accessToken = new Secret(await world.token(session));
  await show(world.connectOnly({ accessToken }));

  const spoil = [faults.echo(), faults.html(), faults.emptyToken(), faults.forge('tenant'), faults.reset()];
  for (const fault of [undefined, ...spoil]) {
    const active = fault === undefined ? undefined : world.provider.inject(fault);
    const upset = fault === undefined ? undefined : world.graph.inject(fault);
    await show(world.list());
    await show(world.list({}, true));
    await show(world.connect());
    await show(world.slipline.access(session));
    active?.remove();
    upset?.remove();
  }
  for (const fault of [graphFaults.forbidden(), faults.echo(), undefined]) {
    const one = await world.connect();
    const upset = fault === undefined ? undefined : world.graph.inject(fault);
    const plan = await world.slipline.plan({ sessions: [one], effect: 'revoke' });
    shown.push(plan);
    await show(world.slipline.apply(plan, { onEvent: (event) => shown.push(event) }));
    upset?.remove();
  }
  const everything = await world.slipline.plan({ provider: 'entra', all: true });
  await show(world.slipline.apply(everything, { onEvent: (event) => shown.push(event) }));
  shown.push(world.log.records, await world.ledger.entries(), await world.ledger.receipts());
  shown.push(world.slipline, world.bench.plugin);

  const text = shown
    .map((one) => `${inspect(one, { depth: 12, maxStringLength: null })}\n${asJson(one)}`)
    .join('\n');
  const key = PRIVATE_KEY.split('\n')[3] ?? '';
  const canaries = [...world.provider.canaries(), PASSWORD, key, accessToken.reveal()];
  expect(canaries.length).toBeGreaterThan(20);
  expect(canaries.filter((canary) => canary.length < 8)).toEqual([]);
  expect(canaries.filter((canary) => text.includes(canary))).toEqual([]);
  // What is looked for could be found.
  expect(text).toContain('ada@contoso.onmicrosoft.com');
});

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '';
  }
}

import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { faults } from './browser.test.support.ts';
import { openStage, type Stage } from './stage.test.support.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 60_000);
afterAll(async () => stage[Symbol.asyncDispose]());
afterEach(() => expect(faults).toEqual([]));

const summary = (page: Page, words: string) => page.locator('.summary').getByText(words, { exact: true });

it('shows within two seconds in one window what was done in another', async () => {
  const [session] = await stage.connect(1);
  const [here, there] = [await stage.enter(), await stage.enter()];
  for (const page of [here, there]) await summary(page, '1 of 1 session').waitFor();
  await here.getByRole('checkbox', { name: /^Select / }).check();
  await here.getByRole('button', { name: 'Disconnect 1 session…' }).click();
  await here.getByRole('dialog').getByRole('button', { name: 'Disconnect 1 session' }).click();
  await here.getByText('Finished: 1 disconnected').waitFor();
  await summary(there, '0 of 0 sessions').waitFor({ timeout: 2000 });
  expect(session).toBeDefined();
});

it('shows within two seconds what another program did', async () => {
  const page = await stage.enter();
  await summary(page, '0 of 0 sessions').waitFor();
  await stage.appliance.open(stage.elsewhere);
  await summary(page, '1 of 1 session').waitFor({ timeout: 2000 });
});

it('says when it is not live any more, and catches up when it is again', async () => {
  const page = await stage.enter();
  await page.getByText('Live', { exact: true }).first().waitFor();
  await stage.goDown();
  await page.getByText(/^Not live since/).waitFor();
  await stage.appliance.open(stage.elsewhere);
  await stage.comeBack();
  await page.getByText(/^Not live since/).waitFor({ state: 'detached' });
  await summary(page, '2 of 2 sessions').waitFor();
});

it('follows a job again after a lost connection', async () => {
  await stage.connect(40);
  const page = await stage.enter();
  await summary(page, '42 of 42 sessions').waitFor();
  await page.getByRole('button', { name: 'Select all 42' }).click();
  await page.getByRole('button', { name: 'Disconnect 42 sessions…' }).click();
  const begun = page.waitForResponse((answer) => answer.url().endsWith('/v1/disconnections'));
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect 42 sessions' }).click();
  await begun;
  await stage.goDown();
  await stage.comeBack();
  await page.getByText('Finished: 42 disconnected').waitFor({ timeout: 60_000 });
  await summary(page, '0 of 0 sessions').waitFor();
});

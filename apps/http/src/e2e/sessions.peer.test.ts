import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { faults as upsets } from '@slipline/hpe-oneview/testing';
import type { Page } from 'playwright-core';
import { faults } from './browser.test.support.ts';
import { openStage, type Stage } from './stage.test.support.ts';

const OPENED = 200;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  await stage.connect(OPENED);
}, 120_000);
afterAll(async () => stage[Symbol.asyncDispose]());
afterEach(() => expect(faults).toEqual([]));

const shown = (page: Page, words: string) =>
  page.locator('.summary').getByText(words, { exact: true }).waitFor();
const live = (): number =>
  stage.appliance.appliance.sessions().filter(({ endedAt }) => endedAt === undefined).length;

it('connects with a form made of the parameters, and shows a problem at its field', async () => {
  const page = await stage.enter();
  const { appliance, userName, password } = stage.appliance.connectValues();
  await page.getByRole('button', { name: 'Connect' }).click();
  const dialog = page.getByRole('dialog', { name: 'Connect' });
  await dialog.getByLabel('Provider', { exact: true }).selectOption('hpe-oneview');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  expect(await dialog.getByLabel('Appliance').getAttribute('aria-invalid')).toBe('true');

  await dialog.getByLabel('Appliance').fill(appliance);
  await dialog.getByLabel('User name').fill(userName);
  await dialog.getByLabel('Password').fill('wrong');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await dialog.getByRole('alert').getByText('unauthenticated').waitFor();

  await dialog.getByLabel('Password').fill(password.reveal());
  await dialog.getByLabel('Reason').fill('looking around');
  await dialog.getByRole('button', { name: 'Connect' }).click();
  await dialog.waitFor({ state: 'detached' });
  await shown(page, `${OPENED + 1} of ${OPENED + 1} sessions`);
  expect(live()).toBe(OPENED + 1);

  await page.getByRole('link', { name: 'History' }).click();
  await page.getByLabel('What').selectOption('connect');
  await page.getByRole('table', { name: 'Receipts' }).getByRole('button').first().click();
  await page.getByRole('dialog').getByText('looking around').waitFor();
});

it('keeps filter and order in the address', async () => {
  await stage.watchFiles();
  const page = await stage.enter();
  await page.getByLabel('Search').fill('PERSON0001');
  await shown(page, `1 of ${OPENED + 4} sessions`);
  await page.getByRole('button', { name: 'Who', exact: true }).click();
  await page.getByRole('button', { name: 'Who', exact: true }).click();
  expect(await page.getByRole('columnheader', { name: 'Who', exact: true }).getAttribute('aria-sort')).toBe(
    'descending',
  );
  expect(new URL(page.url()).search).toBe('?q=PERSON0001&sort=-principal');

  await page.reload();
  await shown(page, `1 of ${OPENED + 4} sessions`);
  expect(await page.getByLabel('Search').inputValue()).toBe('PERSON0001');
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByLabel('Whose').selectOption('foreign');
  await shown(page, `3 of ${OPENED + 4} sessions`);
});

it('disconnects 200, of which 3 fail: says why, and keeps them selected', async () => {
  const before = live();
  const page = await stage.enter();
  await page.getByLabel('Provider').selectOption('hpe-oneview');
  await shown(page, `${OPENED + 1} of ${OPENED + 4} sessions`);
  // All but the first row: a click, then one with Shift on the last.
  const boxes = page.getByRole('checkbox', { name: /^Select / });
  await boxes.nth(1).click();
  await boxes.nth(1).press('Shift+End');
  await page.getByText(`${OPENED} selected`).waitFor();
  await page.getByRole('button', { name: `Disconnect ${OPENED} sessions…` }).click();

  const dialog = page.getByRole('dialog', { name: `Disconnect ${OPENED} sessions?` });
  await dialog.getByText('the system ends the session').waitFor();
  await dialog.getByText(/^1: Administrator/).waitFor();
  await dialog.getByText(`${OPENED} sessions would go`).waitFor();
  expect(live()).toBe(before);

  stage.appliance.appliance.inject(upsets.serverError(), { method: 'DELETE', times: 3 });
  await dialog.getByLabel('Reason').fill('maintenance');
  await dialog.getByRole('button', { name: `Disconnect ${OPENED} sessions` }).click();
  await page.getByText(`Finished: ${OPENED - 3} disconnected, 3 failed`).waitFor({ timeout: 60_000 });
  expect(live()).toBe(before - (OPENED - 3));

  const kept = page.getByRole('region', { name: 'Disconnects' });
  await kept.getByText('3 sessions not disconnected, still selected').waitFor();
  await kept.getByText(/Failed: /).waitFor();
  await page.getByText('3 selected').waitFor();
  // What is done leaves the table once it was seen.
  await shown(page, `4 of 7 sessions`);
  expect(
    await page
      .getByRole('row')
      .getByText(/^Failed: /)
      .count(),
  ).toBe(3);

  await page.getByRole('button', { name: 'Disconnect 3 sessions…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Disconnect 3 sessions' }).click();
  await page.getByText('Finished: 3 disconnected').waitFor();
  expect(live()).toBe(before - OPENED);
});

it('has the receipts, with who, why and what came of it', async () => {
  const page = await stage.enter();
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByLabel('Outcome').selectOption('failed');
  await page.getByLabel('What').selectOption('disconnect');
  const table = page.getByRole('table', { name: 'Receipts' });
  await table.getByRole('row').nth(4).waitFor({ state: 'detached' });
  expect(await table.getByRole('row').count()).toBe(4);
  await table.getByRole('button').first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('maintenance').waitFor();
  await dialog.getByText('olga-operator').waitFor();
});

it('cancels what has not begun', async () => {
  const count = 60;
  await stage.connect(count);
  const page = await stage.enter();
  await page.getByLabel('Provider').selectOption('hpe-oneview');
  await shown(page, `${count + 1} of ${count + 4} sessions`);
  // The job begins with the oldest.
  await page.getByRole('button', { name: 'Open for' }).click();
  await page.getByRole('button', { name: /^Select all/ }).click();
  await page.getByRole('button', { name: /^Disconnect \d+ sessions…/ }).click();
  const hang = stage.appliance.appliance.inject(upsets.hang(), { method: 'DELETE' });
  const before = live();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Disconnect \d+ sessions$/ })
    .click();
  await page.getByRole('row').getByText('Disconnecting…').first().waitFor();
  await page.getByRole('button', { name: 'Cancel the rest' }).click();
  await page.getByRole('button', { name: 'Cancelling…' }).waitFor();
  hang.remove();
  hang.release();
  await page.getByText(/^Cancelled: /).waitFor();
  expect(live()).toBeGreaterThan(0);
  expect(live()).toBeLessThan(before);
  // What it never came to is there and selected still.
  await page.getByText('Not done: interrupted before it was begun').first().waitFor();
  await page.getByText(`${live()} selected`, { exact: true }).waitFor();
});

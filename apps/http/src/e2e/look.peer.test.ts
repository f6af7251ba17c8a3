import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { faults as upsets } from '@slipline/hpe-oneview/testing';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { faults } from './browser.test.support.ts';
import { openStage, type Stage } from './stage.test.support.ts';

const SCREENSHOTS = join(import.meta.dirname, 'screenshots');

let stage: Stage;
beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  stage = await openStage({ fileSessions: 300 });
  await stage.watchFiles();
}, 60_000);
afterAll(async () => stage[Symbol.asyncDispose]());

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds that is serious or critical, in words. */
async function barriers(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<{ violations: readonly Violation[] }>(
    `axe.run(document, { resultTypes: ['violations'] })`,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`));
}

/** A picture for people to look at; no barrier, and nothing wider than the window. */
async function look(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  expect(await barriers(page)).toEqual([]);
  const excess = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  expect(excess).toBeLessThanOrEqual(0);
}

describe.each([
  { name: 'wide-light', width: 1600, height: 900, colorScheme: 'light' },
  { name: 'wide-dark', width: 1600, height: 900, colorScheme: 'dark' },
  { name: 'narrow-light', width: 360, height: 740, colorScheme: 'light' },
  { name: 'narrow-dark', width: 360, height: 740, colorScheme: 'dark' },
] as const)('$name', ({ name, width, height, colorScheme }) => {
  const options = { viewport: { width, height }, colorScheme };

  it('signs in', async () => {
    const page = await stage.open(options);
    await page.goto(`${stage.url}#sign-in=wrong`);
    await page.getByRole('alert').waitFor();
    await look(page, `${name}-sign-in`);
  });

  it('lists, plans, disconnects and tells what failed', async () => {
    await stage.connect(4);
    const page = await stage.enter(options);
    await page.getByRole('row').nth(5).waitFor();
    await look(page, `${name}-sessions`);

    await page.getByLabel('Search').fill('Administrator');
    await page.getByText(/^4 of/).waitFor();
    await page.getByRole('button', { name: 'Select all 4' }).click();
    await look(page, `${name}-selected`);
    await page.getByRole('button', { name: 'Disconnect 4 sessions…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await look(page, `${name}-plan`);

    stage.appliance.appliance.inject(upsets.serverError(), { method: 'DELETE', times: 1 });
    await dialog.getByRole('button', { name: 'Disconnect 4 sessions' }).click();
    await page.getByText('Finished: 3 disconnected, 1 failed').waitFor();
    await look(page, `${name}-outcomes`);
    await page.getByText(/^1 of/).waitFor();
    await page
      .getByRole('table')
      .getByRole('button', { name: /Administrator/ })
      .click();
    await dialog.waitFor();
    await look(page, `${name}-details`);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Disconnect 1 session…' }).click();
    await dialog.getByRole('button', { name: 'Disconnect 1 session' }).click();
    await page.getByText('Finished: 1 disconnected').waitFor();
    expect(faults).toEqual([]);
  });

  it('connects, watches and looks back', async () => {
    const page = await stage.enter(options);
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Connect' }).click();
    await page.getByText('this is needed').first().waitFor();
    await look(page, `${name}-connect`);
    await page.keyboard.press('Escape');

    await page.getByRole('link', { name: 'Watches' }).click();
    await page.getByRole('listitem').first().waitFor();
    await look(page, `${name}-watches`);

    await page.getByRole('link', { name: 'History' }).click();
    await page.getByRole('table', { name: 'Receipts' }).getByRole('button').first().waitFor();
    await look(page, `${name}-history`);
    await page.getByRole('table', { name: 'Receipts' }).getByRole('button').first().click();
    await page.getByRole('dialog').waitFor();
    await look(page, `${name}-receipt`);
    expect(faults).toEqual([]);
  });
});

it('shows an auditor who did what', async () => {
  const page = await stage.enter({ role: 'auditor', viewport: { width: 1280, height: 720 } });
  await page.getByRole('link', { name: 'Audit' }).click();
  await page.getByRole('table', { name: 'Audit' }).waitFor();
  await look(page, 'audit');
});

it('shows a lost connection', async () => {
  const page = await stage.enter({ viewport: { width: 1280, height: 720 } });
  await page.getByText('Live', { exact: true }).first().waitFor();
  await stage.goDown();
  await page.getByText(/^Not live for/).waitFor();
  await look(page, 'lost');
  await stage.comeBack();
  await page.getByText(/^Not live for/).waitFor({ state: 'detached' });
});

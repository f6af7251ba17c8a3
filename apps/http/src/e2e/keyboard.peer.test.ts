import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { faults } from './browser.test.support.ts';
import { openStage, type Stage } from './stage.test.support.ts';

const PEOPLE = 2000;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ fileSessions: PEOPLE });
  await stage.watchFiles();
}, 60_000);
afterAll(async () => stage[Symbol.asyncDispose]());
afterEach(() => expect(faults).toEqual([]));

/** What has the focus, as it is announced. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(
    `(() => { const one = document.activeElement; return one.getAttribute('aria-label') ?? one.labels?.[0]?.innerText ?? one.innerText; })()`,
  );

const focusedRow = (page: Page): Promise<string | null> =>
  page.evaluate(`document.activeElement.closest('tr')?.getAttribute('aria-rowindex')`);

/** Presses Tab, or Shift+Tab, until something so called has the focus. */
async function tabTo(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press(key);
    if (name.test(await focused(page))) return;
  }
  throw new Error(`Tab never comes to ${name.source}; last to ${await focused(page)}`);
}

const ended = (): number => PEOPLE - stage.files.server.sessions.all.length;

it('does everything by keyboard: skip, filter, select a range, disconnect, read the outcome', async () => {
  const page = await stage.enter();
  await page.getByText(`${PEOPLE.toLocaleString('en')} of ${PEOPLE.toLocaleString('en')} sessions`).waitFor();
  await page.keyboard.press('Tab');
  expect(await focused(page)).toBe('Skip to the content');
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('content');

  await tabTo(page, /^Search$/);
  await page.keyboard.type('person00');
  await page.getByText('100 of 2,000 sessions').waitFor();
  await tabTo(page, /^Select .*person/);
  await page.keyboard.press('Space');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await page.getByText('3 selected').waitFor();
  // The row's other control shows its details.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await focused(page)).toMatch(/person/i);

  await tabTo(page, /^Disconnect 3 sessions…$/, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Disconnect 3 sessions?' }).waitFor();
  expect(await focused(page)).toBe('Disconnect 3 sessions?');
  // The focus stays inside.
  for (let presses = 0; presses < 12; presses++) {
    await page.keyboard.press('Tab');
    const isOutside = await page.evaluate(
      `document.activeElement !== document.body && !document.activeElement.closest('dialog')`,
    );
    expect(isOutside).toBe(false);
  }
  await tabTo(page, /^Disconnect 3 sessions$/);
  await page.keyboard.press('Enter');
  await page.getByText('Finished: 3 disconnected').waitFor();
  expect(ended()).toBe(3);
  await page
    .getByRole('status')
    .getByText('Disconnect finished: 3 disconnected')
    .waitFor({ state: 'attached' });
  await page.getByText('97 of 1,997 sessions').waitFor();
});

it('reaches every row of thousands, and draws few', async () => {
  const page = await stage.enter();
  const total = PEOPLE - ended();
  await page.getByText(`${total.toLocaleString('en')} of`).waitFor();
  expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe(String(total + 1));
  await tabTo(page, /^Select .*person/);
  await page.keyboard.press('End');
  const last = page.locator(`tr[aria-rowindex="${total + 1}"]`);
  await last.waitFor();
  expect(await focusedRow(page)).toBe(String(total + 1));
  expect(await page.getByRole('row').count()).toBeLessThan(120);
  // Scrolled away, the row keeps the focus and is drawn still.
  await page.evaluate('scrollTo(0, 0)');
  await page.locator('tr[aria-rowindex="3"]').waitFor();
  expect(await focusedRow(page)).toBe(String(total + 1));
  await page.keyboard.press('ArrowUp');
  await page.locator(`tr[aria-rowindex="${total}"]`).getByRole('checkbox').waitFor();
});

it('watches and stops watching', async () => {
  const page = await stage.enter();
  await tabTo(page, /^Watches$/);
  await page.keyboard.press('Enter');
  await tabTo(page, /^Watch a system$/);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Watch a system' });
  await dialog.waitFor();
  await tabTo(page, /^Provider$/);
  await page.keyboard.type('SMB');
  await tabTo(page, /^Computer name/);
  const { computerName, userName, password } = stage.files.connectValues();
  await page.keyboard.type(computerName);
  await tabTo(page, /^User name/);
  await page.keyboard.type(userName);
  await tabTo(page, /^Password/);
  await page.keyboard.type(password.reveal());
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  expect(await focused(page)).toMatch(/Watch a system/);
  await page.getByRole('listitem').nth(1).waitFor();
  await tabTo(page, /^Stop watching/);
  await page.keyboard.press('Enter');
  await page.getByRole('listitem').nth(1).waitFor({ state: 'detached' });
});

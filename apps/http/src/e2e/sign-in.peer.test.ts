import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { faults } from './browser.test.support.ts';
import { openStage, type Stage } from './stage.test.support.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 60_000);
afterAll(async () => stage[Symbol.asyncDispose]());
afterEach(() => expect(faults).toEqual([]));

const heading = { name: 'Sessions', exact: true } as const;

it('signs in by a link, once, and leaves nothing of it in the address or the history', async () => {
  const link = stage.link();
  const page = await stage.open();
  await page.goto(link);
  await page.getByRole('heading', heading).waitFor();
  expect(page.url()).toBe(stage.url);
  expect(await page.evaluate('history.length')).toBeLessThanOrEqual(2);
  await page.goto('about:blank');
  await page.goBack();
  expect(page.url()).toBe(stage.url);

  const thief = await stage.open();
  await thief.goto(link);
  await thief.getByRole('alert').getByText('the token was used already').waitFor();
  expect(thief.url()).toBe(stage.url);
});

it('signs in with a key, which the page does not keep, and out again', async () => {
  const { key } = await stage.services.keys.create({ user: 'kim', role: 'operator', scopes: ['*'] });
  const page = await stage.open();
  await page.goto(stage.url);
  const field = page.getByLabel('API key');
  await field.fill('slk_wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  await field.fill(key);
  await field.press('Enter');
  await page.getByRole('heading', heading).waitFor();
  await page.getByText('kim').waitFor();
  const stored = await page.evaluate(
    'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
  );
  expect(stored).toBe('[{},{},""]');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('API key').waitFor();
  await page.reload();
  await page.getByLabel('API key').waitFor();
});

it('says that the sign-in has ended, and goes on after another', async () => {
  const { record, key } = await stage.services.keys.create({ user: 'kim', role: 'operator', scopes: ['*'] });
  const page = await stage.open();
  await page.goto(stage.url);
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', heading).waitFor();
  await stage.services.keys.revoke(record.id);
  await page.getByText('Your sign-in has ended.').waitFor({ timeout: 30_000 });

  const again = await stage.services.keys.create({ user: 'kim', role: 'operator', scopes: ['*'] });
  await page.getByLabel('API key').fill(again.key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', heading).waitFor();
});

it('offers a viewer nothing that would be refused', async () => {
  await stage.connect(1);
  const page = await stage.enter({ role: 'viewer' });
  await page.getByRole('row').nth(1).waitFor();
  expect(await page.getByRole('checkbox').count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Connect' }).count()).toBe(0);
  await page.getByRole('link', { name: 'Watches' }).click();
  await page.getByRole('heading', { name: 'Watches', exact: true }).waitFor();
  expect(await page.getByRole('button', { name: 'Watch a system' }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Audit' }).count()).toBe(0);
});

it('shows an auditor who was refused', async () => {
  const page = await stage.enter({ role: 'auditor' });
  await page.getByRole('link', { name: 'Audit' }).click();
  await page.getByRole('cell', { name: 'sign-in refused' }).first().waitFor();
});

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { faults, launch, newPage } from './browser.test.support.ts';

const PROGRAM = join(import.meta.dirname, '../../bin/slipline-http.cjs');

let home: string;
let browser: Browser;
const started = new Set<ChildProcess>();
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'slipline-program-'));
  browser = await launch();
}, 60_000);
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await browser.close();
  await rm(home, { recursive: true, force: true });
});
afterEach(() => expect(faults).toEqual([]));

/** Starts the lab and answers the address that it prints. */
async function start(port: string): Promise<{ readonly child: ChildProcess; readonly link: string }> {
  const child = spawn(process.execPath, [PROGRAM, '--lab', '--port', port, '--log-level', 'error'], {
    env: { PATH: process.env['PATH'], SLIPLINE_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.add(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const link = /http:\/\/\S+#sign-in=\S+/.exec(line)?.[0];
    if (link !== undefined) return { child, link };
  }
  throw new Error('the program printed no link');
}

it('shows a lab by one command, and says when it is started anew', async () => {
  const first = await start('0');
  const page = await newPage(browser);
  await page.goto(first.link);
  await page.getByText('Lab: not a real system.').waitFor();
  const providers = ['HPE OneView', 'Microsoft Entra', 'Exchange Online', 'WS-Management'];
  for (const name of providers) await page.getByRole('cell').getByText(name).first().waitFor();

  const exit = once(first.child, 'exit') as Promise<[number | null, string | null]>;
  first.child.kill('SIGTERM');
  await page.getByText(/^Not live for/).waitFor();
  expect(await exit).toEqual([0, null]);

  const { port } = new URL(first.link);
  const second = await start(port);
  await page.getByText('Your sign-in has ended.').waitFor({ timeout: 30_000 });
  await page.goto(second.link);
  await page.reload();
  await page.getByText('Live', { exact: true }).first().waitFor();
}, 90_000);

it('has a name typed before it revokes, and says what access remains', async () => {
  const { link } = await start('0');
  const page = await newPage(browser);
  await page.goto(link);
  await page.getByLabel('Provider').selectOption('entra');
  await page.getByText(/^3 of/).waitFor();
  await page
    .getByRole('checkbox', { name: /^Select / })
    .first()
    .check();
  await page.getByLabel('Effect').selectOption('revoke');
  await page.getByRole('button', { name: 'Disconnect 1 session…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('it signs that person out of every app and device').waitFor();
  const button = dialog.getByRole('button', { name: 'Disconnect 1 session' });
  expect(await button.isDisabled()).toBe(true);
  const name = dialog.getByLabel(/^Type .* to confirm$/);
  await name.fill('somebody else');
  expect(await button.isDisabled()).toBe(true);
  await name.fill(await dialog.locator('.to-type').innerText());
  await button.click();
  await page.getByText('Finished: 1 disconnected').waitFor();
  await page.getByText('Access that remains').click();
  const job = page.getByRole('region', { name: 'Disconnects' });
  await job.getByText('copies of the access token, until').waitFor();
}, 60_000);

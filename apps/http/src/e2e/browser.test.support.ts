// Debian's Chromium, and what must never happen in it.
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** Tests may run as root, as which Chromium has no sandbox. */
export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });

/** What the content security policy refuses, or a script throws, fails the test that looks at `faults`. */
export const faults: string[] = [];

/** A window of a browser of its own. */
export async function newPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('console', (entry) => {
    if (/Content Security Policy|Refused to/.test(entry.text())) faults.push(entry.text());
  });
  return page;
}

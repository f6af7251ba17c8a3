import { spawn } from 'node:child_process';
import type { Environment } from '@slipline/config';

/** Programs that show a page, in the words of each platform; `xdg-open` elsewhere. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  // Not `start`: a shell would read the URL's `&`.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/**
 * Opens a page in the person's browser, or with the program that `BROWSER` names (`none`: with none). Only the web's own
 * addresses are opened. That it cannot be done is no fault: the address is shown as well.
 */
export function openPage(url: string, environment: Environment): void {
  const chosen = environment['BROWSER'] || undefined;
  if (chosen === 'none' || !isWebAddress(url)) return;
  const [program, ...words] =
    chosen === undefined ? (OPENERS[process.platform] ?? (['xdg-open'] as const)) : [chosen];
  const child = spawn(program, [...words, url], { detached: true, stdio: 'ignore' });
  child.on('error', () => undefined);
  child.unref();
}

function isWebAddress(url: string): boolean {
  return URL.canParse(url) && ['https:', 'http:'].includes(new URL(url).protocol);
}

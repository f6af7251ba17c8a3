import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LedgerOptions } from './index.ts';
import { sliplinePaths, type SliplinePaths } from './paths.ts';

/** Folders for ledgers of one test file. */
export interface TestHome {
  /** A new home, which has no keyring and tells nobody. */
  next(): LedgerOptions & { readonly home: string };
  remove(): void;
}

export function testHome(): TestHome {
  const folder = mkdtempSync(join(tmpdir(), 'slipline-ledger-'));
  let count = 0;
  return {
    next: () => {
      count += 1;
      const home = join(folder, String(count));
      return { home, environment: { SLIPLINE_KEYRING: 'off' }, onNotice: () => undefined };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function pathsIn(home: string): SliplinePaths {
  return sliplinePaths({ SLIPLINE_HOME: home }, process.platform, '/');
}

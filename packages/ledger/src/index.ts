import type { Ledger } from '@slipline/core';
import { openLedgerIn, type LedgerOptions } from './open-ledger.ts';

export { examineLedger, removeResidue, type LedgerHealth } from './health.ts';
export type { LedgerOptions } from './open-ledger.ts';
export { isGone, thisProcess } from './process-identity.ts';
export { sliplinePaths, type Environment, type SliplinePaths } from './paths.ts';

/**
 * Opens this user's ledger, made where there is none: one SQLite file, shared safely by processes. Throws
 * `DisconnectError`, and leaves the file as it is, where it is damaged, newer, on a network file system or not this
 * user's alone.
 */
export function openLedger(options: LedgerOptions = {}): Promise<Ledger> {
  return openLedgerIn(options, {});
}

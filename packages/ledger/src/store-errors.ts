import { DisconnectError } from '@slipline/core';
import { sqliteCode } from './driver.ts';
import { codeOf } from './private-files.ts';

const BUSY = new Set([5, 6, 15]);

/** Whether waiting helps: another process is writing, or opening or closing the file. */
export function isBusy(error: unknown): boolean {
  return BUSY.has(sqliteCode(error) ?? -1);
}

/** What a failure of the database, or of a file beside it, means to people. Nothing of what was asked for was written. */
export function storeError(error: unknown, file: string): DisconnectError {
  if (DisconnectError.is(error)) return error;
  const fault = (what: string, next: string): DisconnectError =>
    new DisconnectError('internal', what, { cause: error, next });
  switch (sqliteCode(error) ?? codeOf(error)) {
    case 5:
    case 6:
    case 15:
      return new DisconnectError('timeout', `the ledger ${file} is in use by another process`, {
        cause: error,
        next: 'try again; if it stays so, look for a Slipline process that hangs',
      });
    case 13:
    case 'ENOSPC':
    case 'EDQUOT':
      return fault(`the disk is full: the ledger ${file} cannot be written`, 'make room, then try again');
    case 3:
    case 8:
    case 14:
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return fault(
        `the ledger ${file} cannot be opened or written`,
        'check the rights of its folder, or set SLIPLINE_HOME to a folder of your own',
      );
    case 11:
    case 26:
      return damaged(file, error);
    case 10:
    case 'EIO':
      return fault(`the disk failed at the ledger ${file}`, 'check the disk, then try again');
    default:
      return fault(`the ledger ${file} failed: ${DisconnectError.from(error).message}`, 'try again');
  }
}

/** The file holds what no version of Slipline writes. */
export function damaged(file: string, cause?: unknown): DisconnectError {
  return new DisconnectError('internal', `the ledger ${file} is damaged; it was left as it is`, {
    cause,
    next: 'put a copy back, or move it away to begin anew: sessions it lists then have to be ended on their systems',
  });
}

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { mkdirSync } from 'node:fs';
import { CommandLine } from './command-line.test.support.ts';
import { ENTRY } from './own-program.ts';

// Disks that are full, or may not be written: a file system of its own for one shell, made by unshare(1) and mount(8).

jest.setTimeout(30_000);

let cli: CommandLine;
beforeEach(async () => {
  cli = await CommandLine.start();
  mkdirSync(cli.home);
});
afterEach(() => cli[Symbol.asyncDispose]());

const PRELUDE = `
  slipline() { "$NODE" "$ENTRY" "$@"; }
  mount -t tmpfs -o size=2m,mode=700 tmpfs "$SLIPLINE_HOME" || exit 99
  slipline connect hpe-oneview ov1.example --user-name Administrator --password-env PASSWORD >/dev/null 2>&1 || exit 98
`;

/** Runs a shell script after a session was opened on a small disk, and answers what it said. */
async function onSmallDisk(script: string): Promise<string> {
  const environment = { ...process.env, ...cli.environment, NODE: process.execPath, ENTRY };
  const args = ['--map-root-user', '--mount', 'sh', '-c', PRELUDE + script];
  const { stdout, stderr } = await promisify(execFile)('unshare', args, { env: environment });
  return stdout + stderr;
}

describe('a full disk', () => {
  it('is told before anything is sent, and the ledger stays true', async () => {
    const said = await onSmallDisk(`
      dd if=/dev/zero of="$SLIPLINE_HOME/filler" 2>/dev/null
      slipline disconnect hpe-oneview 2>&1; echo "code $?"
      rm "$SLIPLINE_HOME/filler"
      slipline ls -o json --query '[].state'
    `);
    expect(said).toMatch(/^failed: .*\ninternal: the disk is full: .*\nnext: make room.*\ncode 1\n/);
    expect(said).toContain('"live"');
    expect(cli.appliance().openSessionCount).toBe(1);
  });
});

describe('a disk that may only be read', () => {
  it('is told before anything is sent', async () => {
    const said = await onSmallDisk(`
      mount -o remount,ro "$SLIPLINE_HOME"
      slipline disconnect hpe-oneview 2>&1; echo "code $?"
    `);
    expect(said).toMatch(
      /^failed: .*\ninternal: .*cannot be opened or written\nnext: .*SLIPLINE_HOME.*\ncode 1\n/,
    );
    expect(cli.appliance().openSessionCount).toBe(1);
  });
});

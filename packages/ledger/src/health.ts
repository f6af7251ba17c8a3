import { existsSync, readdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { DisconnectError } from '@slipline/core';
import { systemKeyring, type Keyring } from './keyring.ts';
import type { LedgerOptions, LedgerSurroundings } from './open-ledger.ts';
import { sliplinePaths, type Environment, type SliplinePaths } from './paths.ts';
import { Store } from './store.ts';
import { knownSource, wrappingKey, type KeySource } from './wrapping-key.ts';

/** How a ledger is, apart from what is in it. */
export interface LedgerHealth {
  /** Where the key that seals its secrets comes from; absent where none has been needed yet. */
  readonly key?: KeySource | undefined;
  /** Why that key cannot be had, where that is so. */
  readonly problem?: DisconnectError | undefined;
  /** `off`: by SLIPLINE_KEYRING. `missing`: its library is not installed. `silent`: it does not answer. */
  readonly keyring: 'off' | 'missing' | 'answers' | 'silent';
  /** Files that nothing needs any more: keys that a process did not live to unlink, and drafts of keys. */
  readonly residue: readonly string[];
}

const GLANCE = 5000;

/** Looks at a ledger and changes nothing; where there is none, none is made. May ask the keyring. */
export async function examineLedger(
  options: Pick<LedgerOptions, 'environment' | 'home'> = {},
  surroundings: LedgerSurroundings = {},
): Promise<LedgerHealth> {
  const { environment = process.env } = options;
  const paths = placesOf(options, environment);
  const isOff = environment['SLIPLINE_KEYRING'] === 'off';
  const keyring = surroundings.keyring ?? (isOff ? undefined : systemKeyring());
  const state = keyring === undefined ? (isOff ? 'off' : 'missing') : await answerOf(keyring);
  if (!existsSync(paths.ledger)) return { keyring: state, residue: draftsIn(paths) };
  const store = await Store.open(paths.ledger, surroundings);
  try {
    const residue = [...(await store.read(() => uselessKeys(store, paths))), ...draftsIn(paths)];
    const key = await knownSource(store);
    if (key === undefined) return { keyring: state, residue };
    const problem = await wrappingKey({ store, paths, environment, keyring, onNotice: () => undefined }).then(
      () => undefined,
      (error: unknown) => DisconnectError.from(error),
    );
    return { key, keyring: state, residue, ...(problem !== undefined && { problem }) };
  } finally {
    store.close();
  }
}

/** Unlinks what nothing needs any more: the files that are gone now. */
export async function removeResidue(
  options: Pick<LedgerOptions, 'environment' | 'home'> = {},
  surroundings: LedgerSurroundings = {},
): Promise<readonly string[]> {
  const { environment = process.env } = options;
  const paths = placesOf(options, environment);
  const remove = (files: readonly string[]): readonly string[] => {
    for (const file of files) rmSync(file, { force: true });
    return files;
  };
  const drafts = remove(draftsIn(paths));
  if (!existsSync(paths.ledger)) return drafts;
  const store = await Store.open(paths.ledger, surroundings);
  try {
    // Within a transaction no other process begins to need one.
    return [...(await store.write(() => remove(uselessKeys(store, paths)))), ...drafts];
  } finally {
    store.close();
  }
}

function placesOf({ home }: Pick<LedgerOptions, 'home'>, environment: Environment): SliplinePaths {
  const named = home === undefined ? environment : { ...environment, SLIPLINE_HOME: home };
  return sliplinePaths(named, process.platform, homedir());
}

async function answerOf(keyring: Keyring): Promise<'answers' | 'silent'> {
  return keyring.get('is anybody there', GLANCE).then(
    () => 'answers' as const,
    () => 'silent' as const,
  );
}

/** Key files of no entry, and of no credential; one that is about to be used is written down as doomed until it is. */
function uselessKeys(store: Store, { keys }: SliplinePaths): readonly string[] {
  const rows = store.all(
    `SELECT key FROM entries WHERE state <> 'ended' UNION SELECT key FROM credentials
     UNION SELECT key FROM doomed_keys WHERE after > 0`,
  );
  const needed = new Set(rows.map(({ key }) => `${String(key)}.key`));
  return filesIn(keys)
    .filter((name) => name.endsWith('.key') && !needed.has(name))
    .map((name) => join(keys, name));
}

/** `wrapping.key.1234`, of a process that has died while it made the key. */
function draftsIn({ wrappingKey: file }: SliplinePaths): readonly string[] {
  const draft = new RegExp(`^${basename(file).replace('.', '\\.')}\\.(\\d+)$`);
  return filesIn(dirname(file)).flatMap((name) => {
    const [, pid] = draft.exec(name) ?? [];
    return pid === undefined || isRunning(Number(pid)) ? [] : [join(dirname(file), name)];
  });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

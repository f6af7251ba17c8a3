import { join } from 'node:path';
import { DisconnectError } from '@slipline/core';
import { cryptography } from './builtin.ts';
import { KEY_BYTES, makeKeyFile, readKeyFile } from './key-file.ts';
import type { Keyring } from './keyring.ts';
import { parseObject } from './records.ts';
import { damaged } from './store-errors.ts';
import type { Environment, SliplinePaths } from './paths.ts';
import type { Store } from './store.ts';

const SOURCES = ['SLIPLINE_KEY_FILE', 'CREDENTIALS_DIRECTORY', 'keyring', 'file'] as const;
export type KeySource = (typeof SOURCES)[number];

/** How long a keyring may take: to show that it answers at all, and to hand out a key that is known to be in it. */
const GLANCE = 5000;
const PATIENCE = 60_000;

/** What the ledger knows of its wrapping key. */
interface KeyRecord {
  readonly source: KeySource;
  /** Where in the keyring. */
  readonly account?: string | undefined;
  /** Tells the key from others, and says nothing else of it. */
  readonly check: string;
}

interface FoundKey extends Omit<KeyRecord, 'check'> {
  readonly key: Buffer;
}

export interface KeySources {
  readonly store: Store;
  readonly paths: SliplinePaths;
  readonly environment: Environment;
  readonly keyring: Keyring | undefined;
  readonly onNotice: (text: string) => void;
}

/**
 * The key that wraps the keys of all sealed secrets. The ledger notes where it came from when it is first used; from then
 * on it must be that one. Throws `invalid-request` naming the source where it is missing or another.
 */
export async function wrappingKey(sources: KeySources): Promise<Buffer> {
  const record = await readRecord(sources.store);
  if (record !== undefined) return knownKey(record, sources);
  const found = givenKey(sources.environment) ?? (await keyringKey(sources)) ?? fileKey(sources);
  const noted = await noteRecord(sources.store, found);
  if (noted === undefined) return found.key;
  // Another process was quicker.
  if (found.account !== undefined)
    await sources.keyring?.remove(found.account, GLANCE).catch(() => undefined);
  return knownKey(noted, sources);
}

async function knownKey(record: KeyRecord, sources: KeySources): Promise<Buffer> {
  const found = givenKey(sources.environment) ?? (await recordedKey(record, sources));
  if (checkOf(found.key) === record.check) return found.key;
  throw new DisconnectError(
    'invalid-request',
    `the ledger ${sources.store.file} is sealed with another key than that in ${describe(found, sources)}`,
    { next: `give it the key it had at first, from ${describe(record, sources)}` },
  );
}

/** The key that the environment names. */
function givenKey(environment: Environment): FoundKey | undefined {
  const file = environment['SLIPLINE_KEY_FILE'];
  if (file !== undefined && file !== '') {
    const key = readKeyFile(file);
    if (key !== undefined) return { source: 'SLIPLINE_KEY_FILE', key };
    throw new DisconnectError(
      'invalid-request',
      `there is no key file ${file}, which SLIPLINE_KEY_FILE names`,
      {
        next: 'put the key there, or correct SLIPLINE_KEY_FILE',
      },
    );
  }
  const folder = environment['CREDENTIALS_DIRECTORY'];
  const key = folder === undefined || folder === '' ? undefined : readKeyFile(join(folder, 'slipline-key'));
  return key === undefined ? undefined : { source: 'CREDENTIALS_DIRECTORY', key };
}

async function recordedKey(record: KeyRecord, sources: KeySources): Promise<FoundKey> {
  const { source, account } = record;
  const missing = (why: string, next: string, cause?: unknown): DisconnectError =>
    new DisconnectError('invalid-request', `the key that seals the ledger's secrets is missing: ${why}`, {
      cause,
      next,
    });
  switch (source) {
    case 'SLIPLINE_KEY_FILE':
      throw missing(
        'SLIPLINE_KEY_FILE is not set',
        'set it to the file it named when the ledger was first used',
      );
    case 'CREDENTIALS_DIRECTORY':
      throw missing(
        '$CREDENTIALS_DIRECTORY has no slipline-key',
        'run it as the service whose credentials have that key',
      );
    case 'keyring': {
      const text = await keyringAnswer(account ?? '', sources.keyring).catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw missing(`the keyring cannot be read (${why})`, 'unlock the keyring, then try again', cause);
      });
      if (text !== undefined) return { source, account, key: Buffer.from(text, 'base64') };
      throw missing(
        `the keyring has no entry "${account}" of slipline`,
        'put it back from a copy of the keyring',
      );
    }
    case 'file': {
      const key = readKeyFile(sources.paths.wrappingKey);
      if (key !== undefined) return { source, key };
      throw missing(`${sources.paths.wrappingKey} is not there`, 'put it back from a copy');
    }
    default:
      return source satisfies never;
  }
}

async function keyringAnswer(account: string, keyring: Keyring | undefined): Promise<string | undefined> {
  if (keyring === undefined) throw new Error('it is turned off, or its library is not installed');
  return keyring.get(account, PATIENCE);
}

/** A new key in the keyring, under a name of its own, so that two processes cannot overwrite each other's. */
async function keyringKey({ keyring, store }: KeySources): Promise<FoundKey | undefined> {
  if (keyring === undefined) return undefined;
  const row = await store.read(() => store.get("SELECT value FROM facts WHERE name = 'id'"));
  const account = `ledger ${String(row?.['value'])} ${cryptography().randomBytes(4).toString('hex')}`;
  const key = cryptography().randomBytes(KEY_BYTES);
  try {
    await keyring.set(account, key.toString('base64'), GLANCE);
    const kept = await keyring.get(account, GLANCE);
    return kept === key.toString('base64') ? { source: 'keyring', account, key } : undefined;
  } catch {
    // None answers: a file then.
    return undefined;
  }
}

function fileKey({ paths, onNotice }: KeySources): FoundKey {
  const file = paths.wrappingKey;
  const isNew = readKeyFile(file) === undefined && makeKeyFile(file, cryptography().randomBytes(KEY_BYTES));
  if (isNew) {
    onNotice(
      `no keyring answered: the key that seals saved secrets is now in ${file}. ` +
        `Whoever can read that file and the folder ${paths.state} can read those secrets.`,
    );
  }
  const key = readKeyFile(file);
  if (key !== undefined) return { source: 'file', key };
  throw new DisconnectError('internal', `the key file ${file} was removed by another process`, {
    next: 'try again',
  });
}

/** Where the ledger notes that its key comes from. */
export async function knownSource(store: Store): Promise<KeySource | undefined> {
  return (await readRecord(store))?.source;
}

async function readRecord(store: Store): Promise<KeyRecord | undefined> {
  const row = await store.read(() => store.get("SELECT value FROM facts WHERE name = 'wrapping-key'"));
  return row === undefined ? undefined : parseRecord(String(row['value']), store.file);
}

/** The record of another process, where that was quicker. */
function noteRecord(store: Store, { source, account, key }: FoundKey): Promise<KeyRecord | undefined> {
  const record: KeyRecord = { source, account, check: checkOf(key) };
  return store.write(() => {
    const row = store.get("SELECT value FROM facts WHERE name = 'wrapping-key'");
    if (row !== undefined) return parseRecord(String(row['value']), store.file);
    store.run("INSERT INTO facts VALUES ('wrapping-key', ?)", JSON.stringify(record));
    return undefined;
  });
}

function parseRecord(text: string, file: string): KeyRecord {
  const { source, account, check } = parseObject(text, file);
  const known = SOURCES.find((one) => one === source);
  if (known === undefined || typeof check !== 'string') throw damaged(file);
  return { source: known, check, ...(typeof account === 'string' && { account }) };
}

function checkOf(key: Uint8Array): string {
  return cryptography().createHmac('sha256', key).update('slipline wrapping key').digest('hex').slice(0, 32);
}

function describe({ source }: Pick<KeyRecord, 'source'>, { paths, environment }: KeySources): string {
  switch (source) {
    case 'SLIPLINE_KEY_FILE':
      return `SLIPLINE_KEY_FILE${environment[source] === undefined ? '' : ` (${environment[source]})`}`;
    case 'CREDENTIALS_DIRECTORY':
      return '$CREDENTIALS_DIRECTORY/slipline-key';
    case 'keyring':
      return 'the keyring';
    case 'file':
      return paths.wrappingKey;
    default:
      return source satisfies never;
  }
}

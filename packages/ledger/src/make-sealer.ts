import { cryptography } from './builtin.ts';
import type { KeyFolder } from './key-folder.ts';
import { systemKeyring } from './keyring.ts';
import { Sealer } from './sealing.ts';
import { wrappingKey, type KeySources } from './wrapping-key.ts';

/** Gathers the keys of a ledger. The keyring is the system's, unless another is given or it is turned off. */
export async function makeSealer(sources: KeySources, keys: KeyFolder): Promise<Sealer> {
  const { store, environment, keyring } = sources;
  const isOff = environment['SLIPLINE_KEYRING'] === 'off';
  const key = await wrappingKey({ ...sources, keyring: keyring ?? (isOff ? undefined : systemKeyring()) });
  const row = await store.read(() => store.get("SELECT value FROM facts WHERE name = 'fingerprint-key'"));
  // Without the wrapping key nobody may try passwords out on fingerprints, so that what the ledger keeps is only half of it.
  const fingerprintKey = cryptography()
    .createHmac('sha256', key)
    .update('slipline fingerprint key')
    .update(row?.['value'] as Uint8Array)
    .digest();
  return new Sealer(key, fingerprintKey, keys);
}

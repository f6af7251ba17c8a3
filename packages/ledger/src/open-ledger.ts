import { homedir } from 'node:os';
import type { Clock, Ledger } from '@slipline/core';
import { EmbeddedLedger } from './embedded-ledger.ts';
import { refuseNetwork, type FileSystems } from './file-systems.ts';
import { KeyFolder } from './key-folder.ts';
import type { Keyring } from './keyring.ts';
import { sliplinePaths, type Environment, type SliplinePaths } from './paths.ts';
import { privateFile, privateFolder } from './private-files.ts';
import { Store, type StoreOptions } from './store.ts';

export interface LedgerOptions {
  /** Takes the place of `SLIPLINE_HOME`. */
  readonly home?: string | undefined;
  /** Takes the place of all that decides on places. */
  readonly paths?: SliplinePaths | undefined;
  /** Read for `SLIPLINE_HOME`, `SLIPLINE_KEY_FILE`, `SLIPLINE_KEYRING`, `CREDENTIALS_DIRECTORY` and the XDG directories;
   *  this process's when absent. */
  readonly environment?: Environment | undefined;
  readonly clock?: Pick<Clock, 'now'> | undefined;
  /** Told, once in the life of a ledger, where its key was put; a process warning when absent. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** What tests put in the place of the machine. */
export interface LedgerSurroundings extends StoreOptions {
  readonly fileSystems?: FileSystems | undefined;
  readonly keyring?: Keyring | undefined;
}

/** `openLedger` with surroundings of one's own. */
export async function openLedgerIn(
  options: LedgerOptions,
  surroundings: LedgerSurroundings,
): Promise<Ledger> {
  const { environment = process.env, clock = { now: () => Date.now() } } = options;
  const paths = options.paths ?? placesOf(options.home, environment);
  makePlace(paths, surroundings.fileSystems);
  const store = await Store.open(paths.ledger, surroundings);
  const onNotice = options.onNotice ?? ((text) => process.emitWarning(text, 'SliplineWarning'));
  const sources = { store, paths, environment, keyring: surroundings.keyring, onNotice };
  return new EmbeddedLedger({ store, keys: new KeyFolder(paths.keys), clock, sources });
}

function placesOf(home: string | undefined, environment: Environment): SliplinePaths {
  const named = home === undefined ? environment : { ...environment, SLIPLINE_HOME: home };
  return sliplinePaths(named, process.platform, homedir());
}

function makePlace(paths: SliplinePaths, fileSystems: FileSystems | undefined): void {
  privateFolder(paths.state);
  refuseNetwork(paths.state, fileSystems);
  privateFile(paths.ledger);
}

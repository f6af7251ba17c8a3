import { posix, win32 } from 'node:path';
import { DisconnectError } from '@slipline/core';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where Slipline keeps its files: absolute paths, of which none need exist. */
export interface SliplinePaths {
  /** Folder of what people write: `config.json`. */
  readonly config: string;
  /** Folder of the ledger. */
  readonly state: string;
  /** Folder of the key that seals secrets, where nothing better keeps it; apart from what it seals. */
  readonly data: string;
  /** The ledger's database, in `state`. */
  readonly ledger: string;
  /** Folder of the entries' own keys, in `state`. */
  readonly keys: string;
  /** The file in `data` that holds the wrapping key. */
  readonly wrappingKey: string;
}

/**
 * Where Slipline keeps its files for one person on one platform: folders of `SLIPLINE_HOME` when it is set, else what the
 * XDG base directories, macOS or Windows say. Throws `invalid-request` when `SLIPLINE_HOME` is not absolute.
 */
export function sliplinePaths(
  environment: Environment,
  platform: NodeJS.Platform,
  homedir: string,
): SliplinePaths {
  const path = platform === 'win32' ? win32 : posix;
  const { config, state, data } = folders(environment, platform, homedir);
  return {
    config,
    state,
    data,
    ledger: path.join(state, 'ledger.db'),
    keys: path.join(state, 'keys'),
    wrappingKey: path.join(data, 'wrapping.key'),
  };
}

type Folders = Pick<SliplinePaths, 'config' | 'state' | 'data'>;

function folders(environment: Environment, platform: NodeJS.Platform, homedir: string): Folders {
  const path = platform === 'win32' ? win32 : posix;
  const within = (folder: string): Folders => ({
    config: path.join(folder, 'config'),
    state: path.join(folder, 'state'),
    data: path.join(folder, 'data'),
  });
  const home = environment['SLIPLINE_HOME'];
  if (home !== undefined && home !== '') {
    if (path.isAbsolute(home)) return within(home);
    throw new DisconnectError(
      'invalid-request',
      `SLIPLINE_HOME is not an absolute path: ${home.slice(0, 200)}`,
      {
        next: 'set it to a folder of yours, from the root on',
      },
    );
  }
  // The XDG specification says to ignore what is not absolute.
  const given = (name: string, otherwise: string): string => {
    const value = environment[name];
    return path.join(
      value !== undefined && path.isAbsolute(value) ? value : path.join(homedir, otherwise),
      'slipline',
    );
  };
  switch (platform) {
    case 'darwin':
      return within(path.join(homedir, 'Library', 'Application Support', 'slipline'));
    case 'win32': {
      const local = within(given('LOCALAPPDATA', 'AppData/Local'));
      return { ...local, config: path.join(given('APPDATA', 'AppData/Roaming'), 'config') };
    }
    default:
      return {
        config: given('XDG_CONFIG_HOME', '.config'),
        state: given('XDG_STATE_HOME', '.local/state'),
        data: given('XDG_DATA_HOME', '.local/share'),
      };
  }
}

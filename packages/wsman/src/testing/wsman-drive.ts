/** A row of `dir WSMan:\`. */
export interface DriveRow {
  readonly computerName: string;
  readonly type: 'Container';
}

/** The keys of the cmdlets' own messages (`WsManResources.resx`). */
export type CmdletErrorKey = 'LocalHost' | 'InvalidComputerName' | 'NotProperURI';

export class CmdletError extends Error {
  readonly key: CmdletErrorKey;

  constructor(key: CmdletErrorKey, target: string) {
    super(`${key}: ${target}`);
    this.name = 'CmdletError';
    this.key = key;
  }
}

const LOCAL = 'localhost';

/**
 * What Connect-WSMan and Disconnect-WSMan do to the drive `WSMan:` of one PowerShell process: a table of names on the client's
 * side, which no server sees. Modelled after the cmdlets' source, so that a provider's own listing can be held against it.
 */
export class WsmanDrive {
  /** As they were given last, by their lower-case spelling. Port, path and user are no part of a name. */
  readonly #names = new Map<string, string>([[LOCAL, LOCAL]]);

  /** Connect-WSMan by `-ComputerName`, after the Identify that it sends has been answered. */
  connect(computerName?: string): void {
    const name = normalized(computerName);
    this.#names.set(name.toLowerCase(), name);
  }

  /** Connect-WSMan by `-ConnectionURI` without `-Port`: the name keeps port and path. */
  connectTo(uri: string): void {
    const [, rest] = uri.split('//');
    if (rest === undefined) throw new CmdletError('NotProperURI', uri);
    this.connect(rest);
  }

  /** Disconnect-WSMan. A second time is an error, and so is the local computer by whatever name means it. */
  disconnect(computerName?: string): void {
    const name = normalized(computerName).toLowerCase();
    if (name === LOCAL) throw new CmdletError('LocalHost', name);
    if (!this.#names.delete(name)) throw new CmdletError('InvalidComputerName', name);
  }

  /** `dir WSMan:\`: always with the local computer. */
  list(): readonly DriveRow[] {
    return [...this.#names.values()].map((computerName) => ({ computerName, type: 'Container' }));
  }
}

function normalized(computerName: string | undefined): string {
  return computerName === undefined || computerName === '' || computerName === '.' ? LOCAL : computerName;
}

import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DisconnectError } from '@slipline/core';
import { removeResidue, type LedgerHealth } from '@slipline/ledger';
import { ownVersion } from '../own-program.ts';
import type { Providers } from '@slipline/config/plugins';
import type { Environment } from '@slipline/config';
import { counted, type Finding } from './finding.ts';

const DAY = 86_400_000;

/** The key that seals secrets, and the keyring. */
export function findSecrets({ key, keyring, problem }: LedgerHealth): readonly Finding[] {
  const where =
    key === undefined ? 'no secret has been sealed yet' : `secrets are sealed with a key from ${key}`;
  const ring = {
    off: 'the keyring is turned off',
    missing: 'there is no library for the keyring',
    answers: 'the keyring answers',
    silent: 'the keyring does not answer',
  }[keyring];
  if (problem !== undefined)
    return [{ about: 'secrets', level: 'problem', what: problem.message, next: problem.next }];
  const level = keyring === 'silent' && key === 'file' ? 'note' : 'ok';
  return [{ about: 'secrets', level, what: `${where}; ${ring}` }];
}

/** Plugins that cannot be loaded, and copies of core that are not this program's. */
export async function findPlugins(
  { installed, broken }: Providers,
  configFolder: string,
): Promise<readonly Finding[]> {
  const loaded = await Promise.all(
    installed.map(async (one): Promise<Finding | undefined> => {
      try {
        await one.load();
        return undefined;
      } catch (error) {
        const { message, next } = DisconnectError.from(error);
        return { about: 'plugins', level: 'problem', what: `${one.id}: ${message}`, next };
      }
    }),
  );
  const problems = [
    ...loaded.filter((finding) => finding !== undefined),
    ...broken.map(({ module, error }): Finding => {
      return { about: 'plugins', level: 'problem', what: `${module}: ${error.message}`, next: error.next };
    }),
    ...otherCore(configFolder),
  ];
  if (problems.length > 0) return problems;
  return [{ about: 'plugins', level: 'ok', what: `${counted(installed.length, 'provider')} can be used` }];
}

/** A copy of core beside the plugins, in another version than this program's. */
function otherCore(configFolder: string): readonly Finding[] {
  const file = join(configFolder, 'node_modules/@slipline/core/package.json');
  if (!existsSync(file)) return [];
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version?: unknown };
  if (version === ownVersion()) return [];
  const what = `plugins bring core ${String(version)}; this program is ${ownVersion()}`;
  return [{ about: 'plugins', level: 'note', what, next: 'install the same version of both' }];
}

/** Files that nothing needs any more, of the ledger and of labs that were killed. */
export function residueOf(
  { residue }: LedgerHealth,
  environment: Environment,
  now: number,
): readonly string[] {
  return [...residue, ...oldLabs(environment, now)];
}

export function findResidue(files: readonly string[]): readonly Finding[] {
  if (files.length === 0) return [{ about: 'disk', level: 'ok', what: 'nothing is left over on the disk' }];
  const what = `${counted(files.length, 'file or folder').replace('folders', 'folder')} left over on the disk`;
  return [
    { about: 'disk', level: 'problem', what, next: 'slipline doctor --residue lists and removes them' },
  ];
}

/** The files and folders that are gone now. */
export async function removeFiles(environment: Environment, now: number): Promise<readonly string[]> {
  const labs = oldLabs(environment, now);
  for (const folder of labs) rmSync(folder, { recursive: true, force: true });
  return [...(await removeResidue({ environment })), ...labs];
}

/** Of labs whose guard was killed with them: no lab of today is touched. */
function oldLabs(environment: Environment, now: number): readonly string[] {
  const place = environment['TMPDIR'] ?? tmpdir();
  return readdirSync(place)
    .filter((name) => name.startsWith('slipline-lab-'))
    .map((name) => join(place, name))
    .filter((folder) => {
      const stats = statSync(folder, { throwIfNoEntry: false });
      return stats?.isDirectory() === true && stats.uid === process.getuid?.() && now - stats.mtimeMs > DAY;
    });
}

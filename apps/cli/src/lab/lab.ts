import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { DisconnectError } from '@slipline/core';
import { type JsonObject } from '@slipline/core';
import { sliplinePaths } from '@slipline/ledger';
import { openBenches, type Bench, type Benches } from '@slipline/testkit';
import { quoted, writePlugins, type Config, type Environment } from '@slipline/config';
import { ENTRY } from '../own-program.ts';
import type { InstalledProvider } from '@slipline/config/plugins';

/** Fake systems on this machine, and what a program needs to use them. */
export interface Lab extends AsyncDisposable {
  /** The folder that stands for everything a person has: ledger, keys, config.json. */
  readonly home: string;
  /** By provider. */
  readonly benches: ReadonlyMap<string, Bench>;
  /** What is printed: endpoints, users with passwords, variables. */
  readonly facts: JsonObject;
  /** The whole environment of a program that uses the lab. In it `slipline` is this program. */
  readonly environment: Environment;
}

export interface LabOptions {
  readonly providers: readonly InstalledProvider[];
  readonly config: Config;
  readonly environment: Environment;
  /** Told of a provider whose fake does not start; absent where none may fail. */
  readonly onProblem?: ((error: DisconnectError) => void) | undefined;
}

/** Of the person's own environment these would lead out of the lab. */
const LEFT_OUT = ['CREDENTIALS_DIRECTORY', 'SLIPLINE_CA_FILE', 'SLIPLINE_TIMEOUT', 'SLIPLINE_OUTPUT'];

/** Starts the fakes on loopback, with an authority and passwords of their own, in a folder that goes with them. */
export async function openLab(options: LabOptions): Promise<Lab> {
  const home = await mkdtemp(join(tmpdir(), 'slipline-lab-'));
  let opened: Benches | undefined;
  const close = async (): Promise<void> => {
    await opened?.[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  };
  try {
    opened = await openBenches(options.providers, options);
    const { byProvider: benches } = opened;
    await furnish(home, options);
    const caFile = await writeAuthorities(home, benches);
    const variables = variablesFor(home, caFile, benches, options.environment);
    const facts = factsOf(benches, caFile, variables);
    return {
      home,
      benches,
      facts,
      environment: programEnvironment(home, variables, facts, options.environment),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The lab has this person's plugins, and nothing else of theirs. */
async function furnish(home: string, { config }: LabOptions): Promise<void> {
  const folder = sliplinePaths({ SLIPLINE_HOME: home }, process.platform, homedir()).config;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (config.plugins.length > 0) {
    for (const entry of await readdir(config.folder, { withFileTypes: true })) {
      const { name } = entry;
      if (name === 'config.json' || name.startsWith('.')) continue;
      await symlink(join(config.folder, name), join(folder, name), entry.isFile() ? 'file' : 'junction');
    }
    await writePlugins(folder, config.plugins);
  }
  await writeFile(keyFile(home), randomBytes(32).toString('hex'), { mode: 0o600 });
  const bin = join(home, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'slipline.cmd'), `@"${process.execPath}" "${ENTRY}" %*\r\n`);
  await writeFile(
    join(bin, 'slipline'),
    `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(ENTRY)} "$@"\n`,
  );
  await chmod(join(bin, 'slipline'), 0o700);
}

/** With a key of its own the lab need not say where its key was put. */
function keyFile(home: string): string {
  return join(home, 'lab.key');
}

/** Nothing where no fake speaks TLS. */
async function writeAuthorities(
  home: string,
  benches: ReadonlyMap<string, Bench>,
): Promise<string | undefined> {
  const authorities = new Set([...benches.values()].flatMap(({ facts }) => facts.authority ?? []));
  if (authorities.size === 0) return undefined;
  const file = join(home, 'ca.pem');
  await writeFile(file, [...authorities].map((pem) => `${pem.trim()}\n`).join(''));
  return file;
}

function variablesFor(
  home: string,
  caFile: string | undefined,
  benches: ReadonlyMap<string, Bench>,
  outer: Environment,
): Readonly<Record<string, string>> {
  const given = [...benches.values()].map(({ facts }) => facts.environment);
  const rules = given.flatMap((variables) => variables['SLIPLINE_RESOLVE'] ?? []);
  return {
    ...joined(given),
    SLIPLINE_HOME: home,
    ...(caFile !== undefined && { SLIPLINE_CA_FILE: caFile }),
    ...(rules.length > 0 && { SLIPLINE_RESOLVE: rules.join(',') }),
    SLIPLINE_KEYRING: 'off',
    SLIPLINE_KEY_FILE: keyFile(home),
    // A proxy could not reach this machine's loopback.
    ...((outer['HTTPS_PROXY'] ?? outer['https_proxy']) !== undefined && { NO_PROXY: '*', no_proxy: '*' }),
  };
}

/** Of variables that several fakes set, lists become one list; of others the last stands. */
function joined(given: readonly Readonly<Record<string, string>>[]): Readonly<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const [name, value] of given.flatMap(Object.entries<string>)) {
    const earlier = listIn(all[name]);
    const list = listIn(value);
    all[name] = earlier && list ? JSON.stringify([...earlier, ...list]) : value;
  }
  return all;
}

function listIn(text = ''): readonly unknown[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    return JSON.parse(text) as readonly unknown[];
  } catch {
    return undefined;
  }
}

function factsOf(
  benches: ReadonlyMap<string, Bench>,
  caFile: string | undefined,
  environment: Readonly<Record<string, string>>,
): JsonObject {
  const providers = [...benches].map(
    ([
      id,
      {
        facts: { endpoint, users },
      },
    ]) => {
      const people = users.map(({ userName, password, role }) => ({ userName, password, role }));
      return [id, { endpoint, users: people, ...(caFile !== undefined && { caFile }), environment }] as const;
    },
  );
  return { version: 1, providers: Object.fromEntries(providers) };
}

function programEnvironment(
  home: string,
  variables: Readonly<Record<string, string>>,
  facts: JsonObject,
  outer: Environment,
): Environment {
  const path = Object.keys(outer).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const kept = Object.entries(outer).filter(([name]) => !LEFT_OUT.includes(name));
  return {
    ...Object.fromEntries(kept),
    ...variables,
    SLIPLINE_LAB: JSON.stringify(facts),
    [path]: [join(home, 'bin'), outer[path]].filter((part) => part !== undefined).join(delimiter),
  };
}

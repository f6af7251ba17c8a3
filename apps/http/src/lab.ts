import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '@slipline/config';
import { findProviders } from '@slipline/config/plugins';
import { DisconnectError, Slipline, type Ledger, type Logger, type NetworkOptions } from '@slipline/core';
import { openLedger } from '@slipline/ledger';
import { openBenches, type Bench, type LabFacts } from '@slipline/testkit';
import { serviceFolder, ownPaths, type Composition } from './composition.ts';
import { outboundPolicy } from './outbound/outbound.ts';
import { PROGRAM } from './program.ts';
import type { WatchSetting } from './settings/http-file.ts';

/** How many sessions of each provider the lab begins with. */
const SESSIONS_EACH = 3;

/** What is watched in the lab beside what the provider finds at an endpoint by itself. */
const WATCHED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { wsman: { shells: true } };

/** Fake systems on this machine, with a ledger in a folder that goes with them, and some sessions to begin with. */
export async function composeLab(log: Logger): Promise<Composition> {
  const home = await mkdtemp(join(tmpdir(), 'slipline-lab-'));
  const opened: AsyncDisposable[] = [];
  const close = async (): Promise<void> => {
    for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  };
  try {
    const paths = ownPaths({ SLIPLINE_HOME: home });
    const { installed } = await findProviders(await readConfig(paths.config), PROGRAM);
    const benches = await openBenches(installed, {
      onProblem: ({ message }) => log.warn(message),
    });
    opened.push(benches);
    const ledger = await openLedger({ environment: await keyed(home) });
    opened.push(ledger);
    const all = [...benches.byProvider.values()];
    const slipline = new Slipline({
      providers: all.map(({ plugin }) => plugin),
      ledger,
      network: networkTo(all),
      log,
    });
    opened.push(slipline);
    for (const bench of all) await furnish(bench, ledger, log);
    const watch = all.flatMap(watchOf);
    return { slipline, folder: serviceFolder(paths), labHome: home, watch, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** With a key of its own the lab leaves the person's keyring alone. */
async function keyed(home: string): Promise<Readonly<Record<string, string>>> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const file = join(home, 'lab.key');
  await writeFile(file, randomBytes(32).toString('hex'), { mode: 0o600 });
  return { SLIPLINE_HOME: home, SLIPLINE_KEYRING: 'off', SLIPLINE_KEY_FILE: file };
}

/** The fakes and nothing else. */
function networkTo(benches: readonly Bench[]): NetworkOptions {
  const networks = benches.map(({ network }) => network);
  const resolve = networks.flatMap((network) => network.resolve ?? []);
  const names = resolve.map(({ host, port }) => (port === undefined ? host : `${host}:${port}`));
  const ports = new Set([
    ...resolve.map(({ toPort }) => toPort),
    ...benches.flatMap(({ facts }) => portsIn(facts)),
  ]);
  const addresses = [...ports].flatMap((port) => [`127.0.0.1:${port}`, `[::1]:${port}`]);
  return {
    authorities: [...new Set(networks.flatMap((network) => network.authorities ?? []))],
    resolve,
    ...outboundPolicy([...names, ...addresses]),
    verifiesAlways: true,
  };
}

/** Of its endpoint and, for what reaches several places, of the addresses in its variables. */
function portsIn({ endpoint, environment }: LabFacts): readonly number[] {
  const texts = [endpoint, ...Object.values(environment)].join(' ');
  return [...texts.matchAll(/(?:localhost|127\.0\.0\.1):(\d+)/g)].map(([, port]) => Number(port));
}

/** Opens sessions as a person at the fake would, who can answer where a sign-in asks for one. */
async function furnish(bench: Bench, ledger: Ledger, log: Logger): Promise<void> {
  const { plugin, network, prompts } = bench;
  const person = new Slipline({ providers: [plugin], ledger, network, prompts, log });
  try {
    for (let count = 0; count < SESSIONS_EACH; count++) await bench.open(person);
  } catch (error) {
    const { message } = DisconnectError.from(error);
    log.warn(`the lab begins with fewer sessions of ${plugin.id}: ${message}`);
  } finally {
    await person[Symbol.asyncDispose]();
  }
}

/** Where sessions are found at a system rather than in the ledger, it is asked for them. */
function watchOf(bench: Bench): readonly WatchSetting[] {
  const { plugin } = bench;
  const given = bench.connectValues?.() ?? {};
  const values = Object.fromEntries(
    Object.entries(plugin.find)
      .filter(([name, { endpoint, credential }]) => (endpoint ?? credential) !== undefined && name in given)
      .map(([name]) => [name, given[name]]),
  );
  const hasEndpoint = Object.keys(values).some((name) => plugin.find[name]?.endpoint === true);
  return hasEndpoint ? [{ provider: plugin.id, values: { ...values, ...WATCHED[plugin.id] }, every: 5 }] : [];
}

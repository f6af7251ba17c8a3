import type { AnyPlugin } from '@slipline/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProviders, type InstalledProvider } from '@slipline/config/plugins';
import { findCmdlet } from './find-cmdlet.ts';
import { PROGRAM } from '../own-program.ts';

let loaded: string[];
beforeEach(() => {
  loaded = [];
});

/** A provider with one cmdlet, whose package says so, says otherwise, or says nothing. */
function provider(id: string, cmdlet: string, said?: readonly string[]): InstalledProvider {
  const plugin = {
    contract: 1,
    id,
    title: id,
    impact: 'low',
    find: {},
    cmdlets: [{ name: cmdlet, verb: 'list' }],
  };
  return {
    id,
    module: id,
    origin: 'config',
    cmdletNames: () => said,
    load: async () => {
      loaded.push(id);
      if (id === 'broken') throw new Error('It is no good.');
      return plugin as unknown as AnyPlugin;
    },
    importTesting: async () => undefined,
  };
}

const find = (name: string, ...installed: readonly InstalledProvider[]) =>
  findCmdlet(name, { installed, broken: [] });

describe('a cmdlet', () => {
  it('is looked for in the one package that names it, in any case', async () => {
    const others = [provider('one', 'Get-One', ['Get-One']), provider('silent', 'Get-Silent')];
    const found = await find('get-two', ...others, provider('two', 'Get-Two', ['Get-Two']));
    expect([found?.cmdlet.name, loaded]).toEqual(['Get-Two', ['two']]);
  });

  it('is looked for in packages that say nothing, one after the other, past those that are broken', async () => {
    const silent = ['broken', 'two', 'three'].map((id) => provider(id, `Get-${id}`));
    const found = await find('Get-TWO', provider('one', 'Get-One', ['Get-One']), ...silent);
    expect([found?.cmdlet.name, loaded]).toEqual(['Get-two', ['broken', 'two']]);
  });

  it('is not there where its package names it and its plugin has none of that name', async () => {
    expect(await find('Get-Gone', provider('one', 'Get-One', ['Get-Gone']))).toBeUndefined();
  });
});

describe('the package of each provider', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipline-cmdlets-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('names every cmdlet and alias that its plugin has', async () => {
    const { installed } = await findProviders({ folder, plugins: [], settings: {} }, PROGRAM);
    expect(installed.length).toBeGreaterThan(0);
    for (const one of installed) {
      const { cmdlets = [] } = await one.load();
      const names = cmdlets.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
      expect([one.id, one.cmdletNames?.()]).toEqual([one.id, names]);
    }
  });

  it('names none that another has', async () => {
    const { installed } = await findProviders({ folder, plugins: [], settings: {} }, PROGRAM);
    const names = installed.flatMap((one) => one.cmdletNames?.() ?? []).map((name) => name.toLowerCase());
    expect(names.length).toBe(new Set(names).size);
  });
});

import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openLedger } from './index.ts';
import { makePrograms, type Programs } from './programs.test.support.ts';
import { testHome } from './test-home.test.support.ts';

const home = testHome();
let programs: Programs;
beforeAll(async () => {
  programs = await makePrograms();
}, 60_000);
afterAll(async () => {
  await programs[Symbol.asyncDispose]();
  home.remove();
});

// Programs start slowly where many do.
jest.setTimeout(30_000);

describe('a statement', () => {
  it('has its parameters by place: Node 22.13 takes ?1 for a name', async () => {
    const folder = new URL('.', import.meta.url);
    const sources = (await readdir(folder)).filter(
      (name) => name.endsWith('.ts') && !name.includes('.test.'),
    );
    expect(sources).toContain('entry-table.ts');
    for (const name of sources)
      expect([name, /\?\d/.exec(await readFile(new URL(name, folder), 'utf8'))]).toEqual([name, null]);
  });
});

describe('opening a ledger', () => {
  it('warns of nothing, and leaves other warnings alone', async () => {
    const program = programs.start(
      `
      import { openLedger, tell } from './ledger.mjs';
      const ledger = await openLedger({ home: process.argv[2], environment: { SLIPLINE_KEYRING: 'off' }, onNotice() {} });
      await ledger.entries();
      process.emitWarning('another thing is an experimental feature', 'ExperimentalWarning');
      await ledger[Symbol.asyncDispose]();
    `,
      home.next().home,
    );
    const { code, errors } = await program.ended;
    expect(code).toBe(0);
    expect(errors).toContain('another thing is an experimental feature');
    expect(errors).not.toContain('SQLite');
  });

  it('needs no cryptography to list', async () => {
    const place = home.next();
    await (await openLedger(place))[Symbol.asyncDispose]();
    const program = programs.start(
      `
      import { openLedger, tell } from './ledger.mjs';
      const before = new Set(process.moduleLoadList);
      const ledger = await openLedger({ home: process.argv[2], environment: {}, onNotice() {} });
      tell('entries', (await ledger.entries()).length);
      await ledger[Symbol.asyncDispose]();
      for (const name of process.moduleLoadList) if (!before.has(name)) tell(name);
    `,
      place.home,
    );
    expect(await program.ended).toEqual({ code: 0, errors: '' });
    expect(program.lines()[0]).toBe('entries 0');
    expect(program.lines().filter((line) => / (internal\/)?crypto/.test(line))).toEqual([]);
  });

  it('makes a warning of the process where nobody is told of a new key', async () => {
    const program = programs.start(
      `
      import { openLedger, Secret } from './ledger.mjs';
      const ledger = await openLedger({ home: process.argv[2], environment: { SLIPLINE_KEYRING: 'off' } });
      await ledger.credentials.save('alpha', 'one', { userName: 'ann', password: new Secret('x') });
      await ledger[Symbol.asyncDispose]();
    `,
      home.next().home,
    );
    const { errors } = await program.ended;
    expect(errors).toMatch(
      /SliplineWarning: no keyring answered: the key that seals saved secrets is now in /,
    );
  });
});

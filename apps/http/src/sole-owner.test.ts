import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thisProcess } from '@slipline/ledger';
import { takeFolder } from './sole-owner.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipline-http-owner-'));
});

afterEach(async () => rm(folder, { recursive: true, force: true }));

describe('the folder of a service', () => {
  it('is one process’s alone until it is given free', async () => {
    const free = await takeFolder(folder);
    await expect(takeFolder(folder)).rejects.toMatchObject({
      code: 'invalid-request',
      message: `another service, process ${process.pid}, is at work in ${folder}`,
    });
    await free();
    await (
      await takeFolder(folder)
    )();
  });

  it('is taken over from a process that is gone', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    await writeFile(join(folder, 'owner'), JSON.stringify({ ...thisProcess(), pid: child.pid }));
    await takeFolder(folder);
    expect(JSON.parse(await readFile(join(folder, 'owner'), 'utf8'))).toEqual(thisProcess());
  });

  it('is taken over from a process whose id another one has now, from before a restart of the machine, and from nonsense', async () => {
    const others = [{ startedAt: '1' }, { bootId: 'an earlier one' }, { pid: 0 }, { pid: 'x' }];
    const texts = others.map((other) => JSON.stringify({ ...thisProcess(), ...other }));
    for (const text of [...texts, 'nonsense', '', 'null', '{}']) {
      await writeFile(join(folder, 'owner'), text);
      await (
        await takeFolder(folder)
      )();
    }
  });

  it('is taken by one of several that come at the same time', async () => {
    const all = await Promise.allSettled([1, 2, 3, 4, 5].map(() => takeFolder(folder)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

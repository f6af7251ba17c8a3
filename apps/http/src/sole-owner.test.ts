import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    await writeFile(join(folder, 'owner'), `${child.pid} 12345`);
    await takeFolder(folder);
    expect(await readFile(join(folder, 'owner'), 'utf8')).toMatch(`${process.pid} `);
  });

  it('is taken over from a process whose id another one has now, and from nonsense', async () => {
    for (const text of [`${process.pid} 1`, 'nonsense', '', '0 ', '99999999999999 1']) {
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

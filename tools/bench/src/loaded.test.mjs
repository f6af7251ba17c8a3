import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { loadedFiles, refuseIdentityLibrary } from './loaded.mjs';

let folder;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'loaded-')));
  mkdirSync(join(folder, '@slipline'));
  write('main.mjs', "if (process.argv[2] === 'all') await import('./@slipline/library.mjs');");
  write('@slipline/library.mjs', "export const name = 'msal.js.node';");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name, text) {
  writeFileSync(join(folder, name), text);
}

function load(how) {
  const command = { program: process.execPath, args: [join(folder, 'main.mjs'), how], env: {} };
  return loadedFiles(command, mkdtempSync(join(folder, 'coverage-')));
}

it('tells which files were loaded, and refuses the identity library among them', () => {
  const [main, library] = [join(folder, 'main.mjs'), join(folder, '@slipline/library.mjs')];
  expect(load('some')).toEqual([main]);
  expect(load('all')).toEqual(expect.arrayContaining([main, library]));
  expect(() => refuseIdentityLibrary([main, library])).toThrow('MSAL was loaded');
  write('@slipline/certificates.mjs', 'export const read = forge.pkcs12.pkcs12FromAsn1;');
  const certificates = join(folder, '@slipline/certificates.mjs');
  expect(() => refuseIdentityLibrary([main, certificates])).toThrow('node-forge was loaded');
  expect(refuseIdentityLibrary([main], 'main.mjs')).toBeUndefined();
  expect(() => refuseIdentityLibrary([main], 'entra')).toThrow('entra was not loaded');
});

it('says what a program said that failed', () => {
  write('broken.mjs', "throw new Error('it is broken');");
  const command = { program: process.execPath, args: [join(folder, 'broken.mjs')], env: {} };
  expect(() => loadedFiles(command, folder)).toThrow('it is broken');
});

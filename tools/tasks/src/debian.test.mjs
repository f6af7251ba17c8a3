import { expect, it } from '@jest/globals';
import { installDebianPackages } from './debian.mjs';

/** A machine: which packages it has, and whether the lists that apt-get needs are there. Remembers what was run. */
function machine({ installed = [], hasLists = true, canInstall = true } = {}) {
  const ran = [];
  let lists = hasLists;
  const run = (command, args) => {
    const line = [command, ...args].join(' ');
    if (command === 'dpkg-query') {
      const isThere = installed.includes(args.at(-1));
      return { status: isThere ? 0 : 1, stdout: isThere ? 'ii ' : '' };
    }
    ran.push(line.slice(line.indexOf('apt-get')));
    if (line.endsWith('update')) lists = true;
    return { status: canInstall && lists ? 0 : 100 };
  };
  return { run, ran };
}

const INSTALL = 'apt-get install -y --no-install-recommends tmux';

it('does nothing when everything is there', () => {
  const { run, ran } = machine({ installed: ['tmux'] });
  installDebianPackages(['tmux'], run);
  installDebianPackages([], run);
  expect(ran).toEqual([]);
});

it('installs what is missing, and only that', () => {
  const { run, ran } = machine({ installed: ['samba'] });
  installDebianPackages(['samba', 'tmux'], run);
  expect(ran).toEqual([INSTALL]);
});

it('fetches the lists first where there are none', () => {
  const { run, ran } = machine({ hasLists: false });
  installDebianPackages(['tmux'], run);
  expect(ran).toEqual([INSTALL, 'apt-get update', INSTALL]);
});

it('says what to install where it cannot', () => {
  const { run } = machine({ canInstall: false });
  expect(() => installDebianPackages(['tmux'], run)).toThrow(/These tests need tmux: install it/);
});

// What a user's disk holds after installing the command line and one provider.
import { lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Of packages: how many there are, and how large they are, the largest first. */
function installedPackages(app) {
  const lock = JSON.parse(readFileSync(join(app, 'node_modules/.package-lock.json'), 'utf8'));
  return Object.keys(lock.packages)
    .map((path) => ({ name: path.replace(/^.*node_modules\//, ''), bytes: bytesIn(join(app, path)) }))
    .sort((one, other) => other.bytes - one.bytes);
}

/** Of a folder, without packages inside it, which are counted by themselves. */
function bytesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules')
    .map((entry) =>
      entry.isDirectory() ? bytesIn(join(folder, entry.name)) : lstatSync(join(folder, entry.name)).size,
    )
    .reduce((sum, bytes) => sum + bytes, 0);
}

/** The size of cli + hpe-oneview, and how many packages that is. */
export async function size(installation) {
  const packages = installedPackages(await installation.app());
  const megabytes = packages.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  const largest = packages.slice(0, 5).map(({ name, bytes }) => `${name} ${(bytes / 1e6).toFixed(1)}`);
  const common = { node: process.versions.node, compared: 'value', bound: 'most' };
  return [
    {
      ...common,
      figure: 'installed size',
      unit: 'MB',
      value: megabytes,
      target: 35,
      note: largest.join(', '),
    },
    { ...common, figure: 'installed packages', unit: 'packages', value: packages.length, target: 45 },
  ];
}

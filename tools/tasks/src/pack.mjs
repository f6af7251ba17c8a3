// Makes the tarballs that are published.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundle, pruneOutput } from './bundle.mjs';
import { root } from './environment.mjs';
import { pnpm } from './install.mjs';
import { publishedProjects, readManifest } from './projects.mjs';
import { build } from './steps.mjs';

/**
 * Builds and bundles every package and app, and writes their tarballs, and no others, to `folder`. Answers the tarballs'
 * paths by package name. Throws when a step fails. Nothing goes to stdout.
 */
export async function pack(folder = join(root, 'tarballs')) {
  if (build({ stdio: ['ignore', 2, 2] }) !== 0) throw new Error('The build failed: nothing is packed.');
  const folders = publishedProjects();
  for (const project of folders) {
    pruneOutput(project);
    await bundle(project);
  }
  const destination = resolve(folder);
  mkdirSync(destination, { recursive: true });
  for (const file of readdirSync(destination)) if (file.endsWith('.tgz')) rmSync(join(destination, file));
  const everything = ['--filter', './packages/*', '--filter', './apps/*'];
  const code = pnpm(['-r', ...everything, 'pack', '--pack-destination', destination], { isQuiet: true });
  if (code !== 0) throw new Error(`pnpm pack ended with ${code}.`);
  return Object.fromEntries(
    folders
      .map(readManifest)
      .map(({ name, version }) => [name, join(destination, tarballName(name, version))]),
  );
}

const tarballName = (name, version) => `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;

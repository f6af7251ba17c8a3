// The workspace's projects, read from the disk, so that a new folder needs no list.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './environment.mjs';

/** Folders with a package.json under the places given, as absolute paths. */
export function projects(places = ['packages', 'apps', 'tools'], base = root) {
  return places
    .filter((place) => existsSync(join(base, place)))
    .flatMap((place) => readdirSync(join(base, place)).map((name) => join(base, place, name)))
    .filter((folder) => existsSync(join(folder, 'package.json')));
}

/** Folders of what is published. */
export const publishedProjects = (base = root) => projects(['packages', 'apps'], base);

/** Folders of the packages that stand outside the workspace, as a stranger's would. */
export const examples = (base = root) => projects(['examples'], base);

export const readManifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** Every file below a folder, as absolute paths, without what installs and builds put there. */
export function filesBelow(folder, skipped = ['node_modules', 'dist', 'bundle', 'coverage']) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.includes(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path, skipped) : [path];
  });
}

// The workspace's projects, read from the disk, so that a new folder needs no list.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './environment.mjs';

/** Folders of the projects under the places given, sorted, as absolute paths. */
export function projects(places = ['packages', 'apps', 'tools'], base = root) {
  return places
    .filter((place) => existsSync(join(base, place)))
    .flatMap((place) => readdirSync(join(base, place)).map((name) => join(base, place, name)))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .sort();
}

/** Projects that are published: everything under packages/ and apps/. */
export const published = () => projects(['packages', 'apps']);

/** A project's package.json. */
export const readManifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

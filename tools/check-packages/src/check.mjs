// Packages of one kind are alike: the same files, the same fields in the same order, the same values.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileProblems } from './files.mjs';
import { PLACES } from './kinds.mjs';
import { manifestProblems } from './manifest.mjs';

/** What is wrong in the workspace at `root`, one sentence each, led by the path it is about. */
export function checkWorkspace(root) {
  const engines = readJson(join(root, 'package.json'))?.engines;
  const projects = Object.keys(PLACES).flatMap((place) => readProjects(root, place));
  const version = projects.find(({ id }) => id === 'core')?.manifest?.version;
  return projects.flatMap((project) =>
    projectProblems(project, { engines, version }).map(
      (problem) => `${project.place}/${project.id}/${problem}`,
    ),
  );
}

/** Without a kind there is nothing that a package could be compared with. */
function projectProblems(project, root) {
  const problems = kindProblems(project);
  return problems.length > 0 ? problems : [...manifestProblems(project, root), ...fileProblems(project)];
}

/** Every folder counts, so that one without a package.json is found too. */
function readProjects(root, place) {
  const folders = readdirSync(join(root, place), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return folders.map(({ name: id }) => {
    const folder = join(root, place, id);
    const manifest = readJson(join(folder, 'package.json'));
    const [tag = ''] = manifest?.nx?.tags ?? [];
    return { id, place, folder, manifest, kind: tag.replace('type:', '') };
  });
}

function kindProblems({ place, kind, manifest }) {
  if (manifest === undefined) return ['package.json is missing, or is not JSON.'];
  const kinds = PLACES[place];
  if (manifest.nx?.tags?.length === 1 && kinds.includes(kind)) return [];
  return [`package.json: nx.tags has one tag here, of ${kinds.map((name) => `type:${name}`).join(', ')}.`];
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

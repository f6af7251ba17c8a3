// Checks what a user would install: the tarballs, put by npm into an empty folder.
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { staticClosure } from './closure.mjs';
import { root } from './environment.mjs';
import { pack } from './pack.mjs';
import { filesBelow, readManifest } from './projects.mjs';
import { runNpm, runTool } from './spawn.mjs';

/** A program that has nothing to say when all is well. */
const QUIET = { isQuiet: true };

/** Packs, installs and looks. Says every problem, and answers 0 when there is none. */
export async function checkTarballs(print = console.log) {
  const folder = mkdtempSync(join(tmpdir(), 'slipline-tarballs-'));
  try {
    const tarballs = await pack(join(folder, 'tarballs'));
    const app = join(folder, 'app');
    if (install(app, Object.values(tarballs)) !== 0) return 1;
    print(installedSize(app));
    const packages = Object.entries(tarballs).map(([name, tarball]) => installed(app, name, tarball));
    const problems = [
      ...packages.flatMap(packageProblems),
      ...typeProblems(app, packages),
      ...commandProblems(app),
    ];
    for (const problem of problems) print(problem);
    return problems.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function install(app, tarballs) {
  mkdirSync(app);
  writeFileSync(
    join(app, 'package.json'),
    JSON.stringify({ name: 'app', version: '1.0.0', type: 'module', private: true }),
  );
  return runNpm(['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs], {
    cwd: app,
  });
}

function installed(app, name, tarball) {
  const folder = join(app, 'node_modules', name);
  const manifest = readManifest(folder);
  const entries = Object.entries(manifest.exports ?? {}).filter(([, entry]) => typeof entry === 'object');
  return { name, tarball, folder, manifest, entries };
}

function packageProblems({ name, tarball, folder, manifest, entries }) {
  const problems = [];
  if (runTool('publint', ['run', folder, '--strict', '--pack', 'false'], QUIET) !== 0)
    problems.push(`${name}: see publint above.`);
  // A package without types, such as the command line, has nothing that could be wrong.
  if (
    entries.length > 0 &&
    runTool('attw', ['--profile', 'esm-only', '--format', 'ascii', tarball], QUIET) !== 0
  ) {
    problems.push(`${name}: see attw above.`);
  }
  const files = filesBelow(folder, ['node_modules']).map((file) => relative(folder, file));
  for (const wanted of ['README.md', 'LICENSE']) {
    if (!files.includes(wanted)) problems.push(`${name}: ${wanted} is not in the tarball.`);
  }
  for (const file of files.filter((path) => /\.test\.|test-results|\.tsbuildinfo/.test(path))) {
    problems.push(`${name}: ${file} does not belong in the tarball; see "files" in its package.json.`);
  }
  if (JSON.stringify(manifest).includes('@slipline/source')) {
    problems.push(
      `${name}: the condition @slipline/source is published; publishConfig.exports must replace "exports".`,
    );
  }
  return [
    ...problems,
    ...entries.flatMap(([entry, { default: file }]) => entryProblems(name, folder, entry, file)),
  ];
}

/** The injection library is loaded with core's container, and by nothing else at once. */
function entryProblems(name, folder, entry, file) {
  const loaded = staticClosure(join(folder, file));
  const marker = /tsyringe requires a reflect polyfill/;
  const isContainer = name === '@slipline/core' && entry === './container';
  if (isContainer || ![...loaded.values()].some((text) => marker.test(text))) return [];
  return [`${name}: importing "${entry}" loads tsyringe; import it lazily.`];
}

/** A user's strict type check, with library checking on, of every entry. */
function typeProblems(app, packages) {
  const specifiers = packages.flatMap(({ name, entries }) => entries.map(([entry]) => join(name, entry)));
  const imports = specifiers.map((specifier, index) => `export * as entry${index} from '${specifier}';\n`);
  writeFileSync(join(app, 'consumer.ts'), imports.join(''));
  mkdirSync(join(app, 'node_modules', '@types'), { recursive: true });
  symlinkSync(join(root, 'node_modules/@types/node'), join(app, 'node_modules/@types/node'), 'junction');
  const options = [
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2023,esnext.disposable',
    '--types',
    'node',
  ];
  const code = runTool('tsc', ['--noEmit', '--strict', ...options, 'consumer.ts'], { cwd: app });
  return code === 0 ? [] : ["A user's type check fails, see above."];
}

function commandProblems(app) {
  return ['--version', '--help'].flatMap((flag) => {
    const code = runNpm(['exec', '--offline', '--', 'slipline', flag], {
      cwd: app,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return code === 0 ? [] : [`slipline ${flag} ended with ${code}.`];
  });
}

function installedSize(app) {
  const { packages } = JSON.parse(readFileSync(join(app, 'node_modules/.package-lock.json'), 'utf8'));
  const bytes = filesBelow(join(app, 'node_modules'), []).reduce(
    (sum, file) => sum + lstatSync(file).size,
    0,
  );
  return `Installed: ${Object.keys(packages).length} packages, ${(bytes / 1e6).toFixed(1)} MB.`;
}

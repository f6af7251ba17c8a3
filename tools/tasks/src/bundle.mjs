// Bundles tsc's output of one project. What package.json publishes from ./bundle/ is made from the file of the same name in
// ./dist/. Development dependencies go in; every other dependency stays an import, core among them: there is one copy of it at
// run time. A command's main module becomes ./bundle/main.cjs.
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { build } from 'esbuild';
import { builtins } from './builtins.mjs';
import { root } from './environment.mjs';
import { filesBelow, readManifest } from './projects.mjs';

const NOTICES = 'THIRD-PARTY-NOTICES.txt';

/** ES modules, of which what is imported lazily stays apart. */
const LIBRARY = {
  format: 'esm',
  splitting: true,
  // CommonJS inside an ES module still calls require() for Node's own modules.
  banner: {
    js: "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url);",
  },
};

/** One CommonJS file: Node starts it faster than many ES modules. What is imported lazily is still run lazily. */
const PROGRAM = {
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': '__url', 'import.meta.resolve': '__resolve' },
  banner: {
    js: [
      "const { pathToFileURL: __toUrl } = process.getBuiltinModule('node:url');",
      'const __url = __toUrl(__filename).href;',
      'const __resolve = (name) => __toUrl(require.resolve(name)).href;',
    ].join(''),
  },
};

/** Writes `<folder>/bundle`, without anything of an earlier bundle. */
export async function bundle(folder) {
  const manifest = readManifest(folder);
  const entryPoints = bundledEntries(manifest).map((path) =>
    join(folder, path.replace('./bundle/', './dist/')),
  );
  if (entryPoints.length === 0) return;
  const outdir = join(folder, 'bundle');
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    outbase: join(folder, 'dist'),
    outdir,
    bundle: true,
    ...(manifest.bin ? PROGRAM : LIBRARY),
    plugins: [builtins],
    platform: 'node',
    target: 'node20.19',
    minifySyntax: true,
    minifyWhitespace: true,
    metafile: true,
    external: externals(manifest),
    legalComments: 'none',
    logLevel: 'warning',
  });
  refuseLostNames(metafile);
  const notices = noticesOf(Object.keys(metafile.inputs));
  if (notices !== '') writeFileSync(join(outdir, NOTICES), notices);
  const written = new Set(Object.keys(metafile.outputs).map((path) => resolve(root, path)));
  if (notices !== '') written.add(join(outdir, NOTICES));
  // Deleted after writing, not before: another process may be packing the same bundle.
  for (const file of filesBelow(outdir, [])) if (!written.has(file)) rmSync(file);
}

/** What a bundle imports lazily of a CommonJS file has a default export only, although it has names in the sources' Node. */
function refuseLostNames({ inputs }) {
  for (const [importer, { imports }] of Object.entries(inputs)) {
    const lost = imports.find(
      ({ kind, path, external }) => kind === 'dynamic-import' && !external && inputs[path].format === 'cjs',
    );
    if (lost === undefined) continue;
    const next = 'import() a module of your own that re-exports what you need of it.';
    throw new Error(`${importer} has import('${lost.original}'), which is CommonJS: ${next}`);
  }
}

/** A project publishes its exports from ./bundle/, and a command its main module, which its `bin` file imports. */
function bundledEntries({ publishConfig, bin }) {
  const exported = Object.values(publishConfig.exports ?? {}).map((entry) => entry.default ?? entry);
  return [...exported, ...(bin ? ['./bundle/main.js'] : [])].filter((path) => path.startsWith('./bundle/'));
}

function externals({ dependencies = {}, optionalDependencies = {}, peerDependencies = {} }) {
  return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
}

/** The licences of the packages that the inputs come from, which their terms ask to be passed on. */
function noticesOf(inputs) {
  const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined));
  const notices = [...folders].map((folder) => {
    const { name, version, license } = readManifest(folder);
    return { title: `${name} ${version} (${license})`, text: licenceText(folder) };
  });
  const rule = `${'-'.repeat(80)}\n`;
  return notices
    .sort((one, other) => one.title.localeCompare(other.title))
    .map(({ title, text }) => `${rule}${title}\n\n${text}\n`)
    .join('');
}

function packageFolder(input) {
  const parts = resolve(root, input).split(sep);
  const at = parts.lastIndexOf('node_modules');
  if (at === -1) return undefined;
  return parts.slice(0, at + (parts[at + 1].startsWith('@') ? 3 : 2)).join(sep);
}

/** What the package brings, or, for one that leaves it out, what its authors publish beside its sources. */
function licenceText(folder) {
  const own = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  const kept = join(import.meta.dirname, '../licences', `${readManifest(folder).name}.txt`);
  const file = own === undefined ? kept : join(folder, own);
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  throw new Error(`${relative(root, folder)} has no licence file: it cannot be bundled.`);
}

/** Deletes what tsc wrote for sources that are gone; a cached build would bring it back, and it would be published. */
export function pruneOutput(folder) {
  const output = join(folder, 'dist');
  for (const file of filesBelow(output, [])) {
    const source = relative(output, file).replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts');
    if (source.endsWith('.ts') && !existsSync(join(folder, 'src', source))) rmSync(file);
  }
}

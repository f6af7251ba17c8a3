// Which files a process of Node's runs.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Runs a program and answers the paths of every file it loaded; `folder` is an empty one, for what V8 writes down. */
export function loadedFiles({ program, args, env, prepare }, folder) {
  prepare?.();
  const { status, stderr } = spawnSync(program, args, {
    env: { ...env, NODE_V8_COVERAGE: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  const scripts = readdirSync(folder).flatMap(
    (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).result,
  );
  return scripts
    .map(({ url }) => url)
    .filter((url) => url.startsWith('file:'))
    .map(fileURLToPath);
}

/** What a bundled library can be told by. */
const MARKS = { MSAL: 'msal.js.node', 'node-forge': 'pkcs12FromAsn1' };

/** Throws where one of these files has an identity library in it, or where `expected` is not among them. */
export function refuseIdentityLibrary(files, expected) {
  for (const file of files.filter((one) => one.includes('@slipline'))) {
    const text = readFileSync(file, 'utf8');
    for (const [name, mark] of Object.entries(MARKS))
      if (text.includes(mark)) throw new Error(`${name} was loaded: ${file}`);
  }
  if (expected !== undefined && !files.some((file) => file.includes(expected)))
    throw new Error(`${expected} was not loaded, so nothing was proved.`);
}

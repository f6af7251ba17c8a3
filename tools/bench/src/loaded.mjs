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

/** Throws where one of these files has the identity library in it, or where `expected` is not among them. */
export function refuseIdentityLibrary(files, expected) {
  const found = files.find(
    (file) => file.includes('@slipline') && /msal\.js\.node/.test(readFileSync(file, 'utf8')),
  );
  if (found !== undefined) throw new Error(`MSAL was loaded: ${found}`);
  if (expected !== undefined && !files.some((file) => file.includes(expected)))
    throw new Error(`${expected} was not loaded, so nothing was proved.`);
}

// What a user gets: the tarballs, installed by npm into an empty folder.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from '../../tasks/src/pack.mjs';
import { runNpm } from '../../tasks/src/spawn.mjs';

/** Of these a user names the last two; npm would find the others in its registry. */
const PACKAGES = ['core', 'testkit', 'ledger', 'fake-http', 'cli', 'hpe-oneview'];

const ON_STDERR = ['ignore', 2, 2];

/** Folders with what was packed just now, made when they are first used. */
export class Installation {
  #folder = mkdtempSync(join(tmpdir(), 'slipline-bench-'));
  #tarballs;
  #apps = new Map();

  /** A new empty folder, which goes with the others. */
  newFolder(name) {
    return mkdtempSync(join(this.#folder, `${name}-`));
  }

  /** A folder where the command line, the first provider and `more` are installed with what they need, and where probes can be run. */
  app(...more) {
    const key = more.join();
    if (!this.#apps.has(key)) this.#apps.set(key, this.#install([...PACKAGES, ...more]));
    return this.#apps.get(key);
  }

  remove() {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #install(packages) {
    this.#tarballs ??= pack(this.newFolder('tarballs'));
    const tarballs = await this.#tarballs;
    const folder = this.newFolder('app');
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
    const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    const code = runNpm(['install', ...flags, ...packages.map((name) => tarballs[`@slipline/${name}`])], {
      cwd: folder,
      stdio: ON_STDERR,
    });
    if (code !== 0) throw new Error(`npm install ended with ${code}.`);
    // Beside the packages, so that they import what a user's programs would.
    cpSync(join(import.meta.dirname, 'probes'), join(folder, 'probes'), { recursive: true });
    return folder;
  }
}

/** The environment of what is measured: nothing of ours, and nothing that costs time at every start. */
export function bareEnvironment(home) {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot', 'TEMP'].map((name) => [name, process.env[name]]);
  return {
    ...Object.fromEntries(kept),
    ...(home !== undefined && { SLIPLINE_HOME: home, SLIPLINE_KEYRING: 'off' }),
  };
}

/** Runs one of `probes/` and answers what it prints, parsed. */
export function probe(node, app, name, home, ...args) {
  const options = { env: bareEnvironment(home), encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] };
  return JSON.parse(execFileSync(node.program, [join(app, 'probes', `${name}.mjs`), ...args], options));
}

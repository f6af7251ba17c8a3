import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Keyring } from './keyring.ts';

/** A keyring that answers from memory. */
export function memoryKeyring(): Keyring & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    get: async (account) => entries.get(account),
    set: async (account, secret) => void entries.set(account, secret),
    remove: async (account) => void entries.delete(account),
  };
}

export const silentKeyring: Keyring = {
  get: () => Promise.reject(new Error('it refused')),
  set: () => Promise.reject(new Error('it refused')),
  remove: () => Promise.reject(new Error('it refused')),
};

/** A library with the interface of @napi-rs/keyring that keeps its entries in a file; its path. */
export function keyringLibrary(folder: string, behaviour: 'answers' | 'hangs' | 'refuses' | 'dies'): string {
  const path = join(folder, `${behaviour}.cjs`);
  const begin = {
    answers: '',
    hangs: 'for (;;) {}',
    refuses: "throw new Error('canary: no platform storage');",
    dies: 'process.abort();',
  }[behaviour];
  writeFileSync(
    path,
    `const fs = require('node:fs');
     const file = ${JSON.stringify(join(folder, 'entries.json'))};
     const all = () => (fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {});
     exports.Entry = class {
       constructor(service, account, options) {
         ${begin}
         this.name = [service, account, options.linux.store].join(' / ');
       }
       getPassword() { return all()[this.name] ?? null; }
       setPassword(secret) { fs.writeFileSync(file, JSON.stringify({ ...all(), [this.name]: secret })); }
       deletePassword() { const { [this.name]: gone, ...rest } = all(); fs.writeFileSync(file, JSON.stringify(rest)); return gone !== undefined; }
     };`,
  );
  return path;
}

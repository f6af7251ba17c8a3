import { createRequire } from 'node:module';
import { childProcesses } from './builtin.ts';

/** The operating system's store of secrets. Methods reject when it does not answer. */
export interface Keyring {
  get(account: string, patience: number): Promise<string | undefined>;
  set(account: string, secret: string, patience: number): Promise<void>;
  remove(account: string, patience: number): Promise<void>;
}

const SERVICE = 'slipline';

// On Linux the library would fall back to the kernel's keyring, which forgets at logout.
const SCRIPT = `
  const { Entry } = require(process.argv[1]);
  const [, , verb, service, account] = process.argv;
  const entry = new Entry(service, account, { linux: { store: 'secret-service' } });
  const answer = {
    get: () => entry.getPassword(),
    set: () => void entry.setPassword(require('fs').readFileSync(0, 'utf8')),
    remove: () => void entry.deletePassword(),
  }[verb]();
  process.stdout.write(JSON.stringify(answer ?? null));
`;

/**
 * The keyring, asked in a process of its own: it may wait for a person or for a service that hangs, and a thread that
 * does cannot be stopped. `undefined` where the library is not installed.
 */
export function systemKeyring(library = '@napi-rs/keyring'): Keyring | undefined {
  const path = resolved(library);
  if (path === undefined) return undefined;
  const ask = (verb: string, account: string, patience: number, input = ''): Promise<unknown> =>
    answerOf([path, verb, SERVICE, account], input, patience);
  return {
    get: async (account, patience) => {
      const answer = await ask('get', account, patience);
      return typeof answer === 'string' ? answer : undefined;
    },
    set: async (account, secret, patience) => void (await ask('set', account, patience, secret)),
    remove: async (account, patience) => void (await ask('remove', account, patience)),
  };
}

function resolved(library: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(library);
  } catch {
    return undefined;
  }
}

function answerOf(parts: readonly string[], input: string, timeout: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const options = {
      timeout,
      killSignal: 'SIGKILL',
      maxBuffer: 65_536,
      windowsHide: true,
      env: { ...process.env, NODE_OPTIONS: '' },
    } as const;
    const child = childProcesses().execFile(
      process.execPath,
      ['-e', SCRIPT, ...parts],
      options,
      (error, stdout) => {
        if (error !== null)
          return reject(new Error(error.killed === true ? 'it did not answer in time' : 'it refused'));
        try {
          resolve(JSON.parse(stdout));
        } catch (cause) {
          reject(new Error('it gave no answer', { cause }));
        }
      },
    );
    // A child that ends early closes its input.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SBIN = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

export const PASSWORD = 'Secret123';
const AES = 'aes256-cts aes128-cts';

/** An MIT Kerberos realm on loopback, and the users of gss-ntlmssp, in a folder of their own. */
export interface Realm extends AsyncDisposable {
  readonly folder: string;
  /** What a program needs to be in it, as client or as server. */
  readonly environment: Readonly<Record<string, string>>;
}

/** `TEST.LOCAL` with `user`, `locked`, `outworn` (its password) and `gone`, and `HTTP/localhost`; `CORP\ntlmuser` for NTLM; a ticket of `user` in the cache. `encryption` is what it speaks. */
export async function startRealm(encryption = AES): Promise<Realm> {
  const folder = await mkdtemp(join(tmpdir(), 'slipline-realm-'));
  // Apache gives its rights up, and has to read the keys and users.
  await chmod(folder, 0o755);
  const port = await freePort();
  const files = Object.entries(filesOf(folder, port, encryption));
  await Promise.all(files.map(([name, text]) => writeFile(join(folder, name), text)));
  const environment = {
    PATH: SBIN,
    KRB5_CONFIG: join(folder, 'krb5.conf'),
    KRB5_KDC_PROFILE: join(folder, 'kdc.conf'),
    KRB5_KTNAME: join(folder, 'http.keytab'),
    KRB5CCNAME: `FILE:${join(folder, 'cache')}`,
    NTLM_USER_FILE: join(folder, 'ntlm.users'),
  };
  const kadmin = (query: string) => run('kadmin.local', ['-q', query], { env: environment });
  await run('kdb5_util', ['create', '-s', '-r', 'TEST.LOCAL', '-P', 'master'], { env: environment });
  await kadmin(`addprinc -pw ${PASSWORD} user`);
  await kadmin(`addprinc -pw ${PASSWORD} locked`);
  await kadmin('modprinc -allow_tix locked');
  await kadmin(`addprinc -pw ${PASSWORD} -pwexpire 2020-01-01 outworn`);
  await kadmin(`addprinc -pw ${PASSWORD} -expire 2020-01-01 gone`);
  await kadmin('addprinc -randkey HTTP/localhost');
  await kadmin(`ktadd -k ${join(folder, 'http.keytab')} HTTP/localhost`);
  await chmod(join(folder, 'http.keytab'), 0o644);
  const kdc = spawn('krb5kdc', ['-n', '-P', join(folder, 'kdc.pid')], { env: environment, stdio: 'ignore' });
  try {
    await answers(port, kdc);
    await kinit(environment);
  } catch (error) {
    await stop(kdc, folder);
    throw error;
  }
  return { folder, environment, [Symbol.asyncDispose]: () => stop(kdc, folder) };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Ends once `port` takes connections; throws where the program that should listen there has ended. */
export async function answers(port: number, program: ChildProcess): Promise<void> {
  while (program.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${program.spawnfile} ended with ${program.exitCode}; are its Debian packages installed?`);
}

async function kinit(environment: Record<string, string>): Promise<void> {
  const child = spawn('kinit', ['user@TEST.LOCAL'], {
    env: environment,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(`${PASSWORD}\n`);
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`kinit ended with ${code}.`);
}

async function stop(kdc: ChildProcess, folder: string): Promise<void> {
  if (kdc.exitCode === null && kdc.signalCode === null) {
    const ended = once(kdc, 'close');
    kdc.kill();
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
}

function filesOf(folder: string, port: number, encryption: string): Record<string, string> {
  const salted = encryption.split(' ').map((type) => `${type}:normal`);
  return {
    acl: '',
    'ntlm.users': `CORP:ntlmuser:${PASSWORD}\n`,
    'krb5.conf': `[libdefaults]
  default_realm = TEST.LOCAL
  dns_lookup_kdc = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
  allow_weak_crypto = true
  allow_rc4 = true
  permitted_enctypes = ${encryption} aes256-cts
  default_tkt_enctypes = ${encryption}
  default_tgs_enctypes = ${encryption}
[realms]
  TEST.LOCAL = {
    kdc = 127.0.0.1:${port}
  }
[domain_realm]
  localhost = TEST.LOCAL
`,
    'kdc.conf': `[kdcdefaults]
  kdc_listen = 127.0.0.1:${port}
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  TEST.LOCAL = {
    database_name = ${join(folder, 'principal')}
    key_stash_file = ${join(folder, 'stash')}
    acl_file = ${join(folder, 'acl')}
    supported_enctypes = ${salted.join(' ')}
  }
`,
  };
}

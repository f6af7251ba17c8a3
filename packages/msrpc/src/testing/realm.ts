import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runInThisContext } from 'node:vm';

const run = promisify(execFile);

const REALM = 'TEST.LOCAL';
export const KERBEROS_PASSWORD = 'Secret123';

/** An MIT realm on loopback with one user, and the keys of `cifs/localhost` and `host/localhost`. */
export interface Realm extends AsyncDisposable {
  /** Settings with which smbd takes tickets of this realm. */
  readonly samba: Readonly<Record<string, string>>;
  /** `KRB5_CONFIG` for programs of this realm. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Needs root, and the packages krb5-kdc and krb5-admin-server. */
export async function startRealm(user: string): Promise<Realm> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'slipline-realm-'));
  const file = (name: string) => join(folder, name);
  await writeFile(file('krb5.conf'), clientSettings(port));
  await writeFile(file('kdc.conf'), serverSettings(port, folder));
  const environment = { KRB5_CONFIG: file('krb5.conf'), KRB5_KDC_PROFILE: file('kdc.conf') };
  const env = { ...environment, PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const admin = (query: string) => run('kadmin.local', ['-q', query], { env });
  await run('kdb5_util', ['create', '-s', '-r', REALM, '-P', 'master'], { env });
  await admin(`addprinc -pw ${KERBEROS_PASSWORD} ${user}`);
  for (const service of ['cifs/localhost', 'host/localhost']) {
    await admin(`addprinc -randkey ${service}`);
    await admin(`ktadd -k ${file('keytab')} ${service}`);
  }
  const kdc = spawn('krb5kdc', ['-n', '-P', file('kdc.pid')], { env, stdio: 'ignore' });
  return {
    samba: {
      realm: REALM,
      'kerberos method': 'dedicated keytab',
      'dedicated keytab file': `FILE:${file('keytab')}`,
    },
    environment,
    [Symbol.asyncDispose]: async () => {
      const ended = once(kdc, 'close');
      kdc.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Where C libraries of this process look: jest gives tests a copy of the environment. */
export function setEnvironment(variables: Readonly<Record<string, string>>): void {
  Object.assign((runInThisContext('process') as NodeJS.Process).env, variables);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function clientSettings(port: number): string {
  return `[libdefaults]
  default_realm = ${REALM}
  dns_lookup_kdc = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
[realms]
  ${REALM} = {
    kdc = 127.0.0.1:${port}
  }
[domain_realm]
  localhost = ${REALM}
`;
}

/** Without a PAC, which a Samba that is in no domain refuses. */
function serverSettings(port: number, folder: string): string {
  return `[kdcdefaults]
  kdc_listen = 127.0.0.1:${port}
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${REALM} = {
    database_name = ${join(folder, 'principal')}
    key_stash_file = ${join(folder, 'stash')}
    acl_file = ${join(folder, 'acl')}
    disable_pac = true
    supported_enctypes = aes256-cts:normal aes128-cts:normal
  }
`;
}

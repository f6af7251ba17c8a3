import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { Agent, request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { SecurityContext } from './index.ts';
import { answers, freePort, type Realm } from './realm.peer.test.support.ts';

const MODULES = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'auth_gssapi', 'headers'];

export interface Apache extends AsyncDisposable {
  /** Signs in on one connection, as RFC 4559 has it: the status of the last answer, and who the server took the client for. */
  signIn(scheme: string, client: SecurityContext): Promise<{ status: number; user: string | undefined }>;
}

/** Apache with mod_auth_gssapi, for Kerberos and NTLM, in the foreground. */
export async function startApache(realm: Realm): Promise<Apache> {
  const port = await freePort();
  const folder = join(realm.folder, 'apache');
  await mkdir(folder);
  await chmod(folder, 0o755);
  await writeFile(join(folder, 'wsman'), 'here\n');
  await writeFile(join(folder, 'httpd.conf'), settingsOf(folder, port));
  const environment = { PATH: '/usr/sbin:/usr/bin:/bin', ...realm.environment };
  const child = spawn('apache2', ['-f', join(folder, 'httpd.conf'), '-D', 'FOREGROUND'], {
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  await answers(port, child);
  return {
    signIn: (scheme, client) => signIn(port, scheme, client),
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'close');
      child.kill();
      await ended;
    },
  };
}

async function signIn(port: number, scheme: string, client: SecurityContext) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (let token = await client.step(); ;) {
      const authorization =
        token === undefined ? {} : { authorization: `${scheme} ${Buffer.from(token).toString('base64')}` };
      const answer = await get(port, agent, authorization);
      const given = answer.offers
        .map((offer) => new RegExp(`^${scheme} (\\S+)$`, 'i').exec(offer)?.[1])
        .find((text) => text !== undefined);
      token =
        given === undefined || client.isComplete
          ? undefined
          : await client.step(Buffer.from(given, 'base64'));
      if (answer.status !== 401 || token === undefined) return { status: answer.status, user: answer.user };
    }
  } finally {
    agent.destroy();
  }
}

async function get(port: number, agent: Agent, headers: Record<string, string>) {
  const call = request({
    host: '127.0.0.1',
    port,
    path: '/wsman',
    agent,
    headers: { host: 'localhost', ...headers },
  }).end();
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  const offered = answer.headersDistinct['www-authenticate'] ?? [];
  return {
    status: answer.statusCode ?? 0,
    offers: offered.flatMap((line) => line.split(/,\s*/)),
    user: answer.headers['x-user']?.toString(),
  };
}

function settingsOf(folder: string, port: number): string {
  const modules = MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`);
  return `${modules.join('\n')}
ServerRoot ${folder}
ServerName localhost
PidFile ${folder}/httpd.pid
ErrorLog ${folder}/error.log
DocumentRoot ${folder}
Listen 127.0.0.1:${port}
Mutex file:${folder}
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
KeepAlive On
<Location /wsman>
  AuthType GSSAPI
  AuthName WSMAN
  Require valid-user
  GssapiAllowedMech krb5
  GssapiAllowedMech ntlmssp
  GssapiConnectionBound On
  Header always set X-User "expr=%{REMOTE_USER}"
</Location>
`;
}

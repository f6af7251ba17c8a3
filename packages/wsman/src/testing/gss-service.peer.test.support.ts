import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { promisify } from 'node:util';
import { runInThisContext } from 'node:vm';
import { createAuthority } from '@slipline/testkit';

const run = promisify(execFile);

export const PASSWORD = 'Secret123';

/** A service that MIT's GSS-API accepts sign-ins for, and the realm it is in. */
export interface GssService extends AsyncDisposable {
  readonly port: number;
  /** Where it speaks TLS. */
  readonly securePort: number;
  /** PEM of who vouches for it there. */
  readonly authority: string;
}

/**
 * The realm `TEST.LOCAL` on loopback with `user`, who has a ticket, and `HTTP/localhost`, which runs as a program of its own; it knows
 * `CORP\ntlmuser` as well. All of this process signs in there from now on.
 */
export async function startGssService(): Promise<GssService> {
  const folder = await mkdtemp(join(tmpdir(), 'slipline-wsman-'));
  const kdcPort = await freePort();
  const authority = await createAuthority();
  const { certificate, privateKey } = await authority.issue({
    commonName: 'localhost',
    names: ['localhost'],
  });
  const files = Object.entries({ ...filesOf(folder, kdcPort), 'tls.pem': `${privateKey}\n${certificate}` });
  await Promise.all(files.map(([name, text]) => writeFile(join(folder, name), text)));
  const environment = {
    KRB5_CONFIG: join(folder, 'krb5.conf'),
    KRB5_KDC_PROFILE: join(folder, 'kdc.conf'),
    KRB5_KTNAME: join(folder, 'keytab'),
    KRB5CCNAME: `FILE:${join(folder, 'cache')}`,
    NTLM_USER_FILE: join(folder, 'ntlm.users'),
  };
  const env = { ...environment, PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
  const admin = (query: string) => run('kadmin.local', ['-q', query], { env });
  await run('kdb5_util', ['create', '-s', '-r', 'TEST.LOCAL', '-P', 'master'], { env });
  await admin(`addprinc -pw ${PASSWORD} user`);
  await admin('addprinc -randkey HTTP/localhost');
  await admin(`ktadd -k ${join(folder, 'keytab')} HTTP/localhost`);
  const programs = [
    spawn('krb5kdc', ['-n', '-P', join(folder, 'kdc.pid')], { env, stdio: 'ignore' }),
    // Debian's own Python has the module; another one on the path has not.
    spawn('/usr/bin/python3', [join(folder, 'service.py'), join(folder, 'tls.pem')], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  ] as const;
  const [kdc, service] = programs;
  const stop = async (): Promise<void> => {
    await Promise.all(programs.map(end));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await answers(kdcPort, kdc);
    const kinit = run('kinit', ['user@TEST.LOCAL'], { env });
    kinit.child.stdin?.end(`${PASSWORD}\n`);
    await kinit;
    const [line] = (await once(createInterface(service.stdout), 'line')) as [string];
    // Where C libraries of this process look: jest gives tests a copy of the environment.
    Object.assign((runInThisContext('process') as NodeJS.Process).env, environment);
    const [port = 0, securePort = 0] = line.split(' ').map(Number);
    return { port, securePort, authority: authority.certificate, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function end(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const ended = once(program, 'close');
  program.kill();
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port: number, program: ChildProcess): Promise<void> {
  while (program.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`The KDC ended with ${program.exitCode}; are its Debian packages installed?`);
}

function filesOf(folder: string, port: number): Record<string, string> {
  return {
    'service.py': SERVICE,
    'ntlm.users': `CORP:ntlmuser:${PASSWORD}\n`,
    'krb5.conf': `[libdefaults]
  default_realm = TEST.LOCAL
  dns_lookup_kdc = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
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
    supported_enctypes = aes256-cts:normal aes128-cts:normal
  }
`,
  };
}

/**
 * Opens what is sealed and seals what it answers: Identify, with who signed in as its vendor, and one shell for everything else. At the
 * path /clear it answers in the clear, at /changed with an octet turned over. With TLS it binds sign-ins to the channel and seals nothing; at
 * /elsewhere to another channel.
 */
const SERVICE = String.raw`
import base64, hashlib, re, ssl, struct, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import gssapi
from gssapi.raw import ChannelBindings

SOAP = 'http://www.w3.org/2003/05/soap-envelope'
A = 'http://schemas.xmlsoap.org/ws/2004/08/addressing'
N = 'http://schemas.xmlsoap.org/ws/2004/09/enumeration'
W = 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd'
RSP = 'http://schemas.microsoft.com/wbem/wsman/1/windows/shell'
ID = 'http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd'
FRAME = re.compile(
    rb'--Encrypted Boundary\r\n\tContent-Type: application/HTTP-(SPNEGO|Kerberos)-session-encrypted\r\n'
    rb'\tOriginalContent: type=application/soap\+xml;charset=UTF-8;Length=(\d+)\r\n'
    rb'--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n(.*)--Encrypted Boundary--\r\n', re.S)

class Service(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    context = None

    def log_message(self, *words): pass

    def answer(self, status, body=b'', **headers):
        self.send_response(status)
        for name, value in headers.items(): self.send_header(name.replace('_', '-'), value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        if 'Authorization' in self.headers: return self.sign_in(*self.headers['Authorization'].split(' '))
        if self.context is None or not self.context.complete: return self.answer(401, WWW_Authenticate='Negotiate')
        self.message(body)

    def sign_in(self, scheme, token):
        if self.context is None:
            self.context = gssapi.SecurityContext(creds=gssapi.Credentials(usage='accept'), usage='accept', channel_bindings=self.binding())
        try:
            reply = self.context.step(base64.b64decode(token))
            # Throws what the step has put off, since there was a token to send first.
            status = 200 if self.context.complete else 401
        except gssapi.exceptions.GSSError:
            return self.answer(401, WWW_Authenticate=scheme)
        self.answer(status, WWW_Authenticate=scheme + (' ' + base64.b64encode(reply).decode() if reply else ''))

    def binding(self):
        if self.server.certificate is None: return None
        shown = b'another' if self.path == '/elsewhere' else self.server.certificate
        return ChannelBindings(application_data=b'tls-server-end-point:' + hashlib.sha256(shown).digest())

    def message(self, body):
        if self.server.certificate is not None:
            return self.answer(200, self.respond(body.decode()).encode(), Content_Type='application/soap+xml;charset=UTF-8')
        protocol, length, sealed = FRAME.fullmatch(body).groups()
        size, = struct.unpack_from('<I', sealed)
        opened = self.context.unwrap(sealed[4:])
        assert opened.encrypted and len(opened.message) == int(length) == len(sealed) - 4 - size
        plain = self.respond(opened.message.decode()).encode()
        if self.path == '/clear': return self.answer(200, plain, Content_Type='application/soap+xml;charset=UTF-8')
        wrapped = bytearray(self.context.wrap(plain, True).message)
        if self.path == '/changed': wrapped[-1] ^= 1
        kind = b'application/HTTP-' + protocol + b'-session-encrypted'
        body = (b'--Encrypted Boundary\r\nContent-Type: ' + kind +
            b'\r\nOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%d\r\n' % len(plain) +
            b'--Encrypted Boundary\r\nContent-Type: application/octet-stream\r\n' +
            struct.pack('<I', len(wrapped) - len(plain)) + bytes(wrapped) + b'--Encrypted Boundary--\r\n')
        self.answer(200, body, Content_Type='multipart/encrypted;protocol="%s";boundary="Encrypted Boundary"' % kind.decode())

    def respond(self, text):
        who = str(self.context.initiator_name).strip('\0')
        if 'Identify' in text:
            return f'<s:Envelope xmlns:s="{SOAP}" xmlns:i="{ID}"><s:Header/><s:Body><i:IdentifyResponse><i:ProtocolVersion>{W}</i:ProtocolVersion><i:ProductVendor>{who}</i:ProductVendor></i:IdentifyResponse></s:Body></s:Envelope>'
        related = re.search('<a:MessageID>(.*?)</a:MessageID>', text).group(1)
        shell = f'<r:Shell xmlns:r="{RSP}"><r:ShellId>1F0B</r:ShellId><r:ResourceUri>{RSP}/cmd</r:ResourceUri><r:Owner>{who}</r:Owner></r:Shell>'
        return f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="{A}" xmlns:n="{N}" xmlns:w="{W}"><s:Header><a:RelatesTo>{related}</a:RelatesTo></s:Header><s:Body><n:EnumerateResponse><w:Items>{shell}</w:Items><n:EnumerationContext/><w:EndOfSequence/></n:EnumerateResponse></s:Body></s:Envelope>'

def listen(tls=None):
    server = ThreadingHTTPServer(('127.0.0.1', 0), Service)
    server.certificate = None
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        pem = re.search('-----BEGIN CERTIFICATE.*?END CERTIFICATE-----', open(tls).read(), re.S).group()
        server.certificate = ssl.PEM_cert_to_DER_cert(pem)
    threading.Thread(target=server.serve_forever).start()
    return server.server_port

print(listen(), listen(sys.argv[1]), flush=True)
`;

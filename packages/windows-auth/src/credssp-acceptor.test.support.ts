import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { selfSigned, type TestCertificate } from './certificates.test.support.ts';
import { credssp, negotiate, ntlm, type SecurityContext } from './index.ts';
import { der, field, readDerValues, readFields } from './testing/der.ts';
import { NtlmAcceptor, SpnegoAcceptor, type Acceptance } from './testing/index.ts';

export interface CredsspFaults {
  /** Proves another key than that of the channel, as who is in between would have to. */
  readonly boundTo?: TestCertificate;
  readonly version?: number;
  readonly errorCode?: number;
  /** Sent in place of the first TSRequest. */
  readonly garbage?: Buffer;
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly ciphers?: string;
}

export interface CredsspServer extends AsyncDisposable {
  readonly port: number;
  /** What was delegated, in clear. */
  readonly delegated: Promise<readonly string[]>;
}

// A key of RSA takes its time to make.
let shared: TestCertificate | undefined;

/** A CredSSP server on a socket, with Node's TLS and the accepting side of `src/testing`; afterwards it echoes. */
export async function startCredssp(faults: CredsspFaults = {}): Promise<CredsspServer> {
  const identity = (shared ??= selfSigned('rsa'));
  const users = [{ userName: 'jdoe', domain: 'CORP', password: 'Secret123' }];
  const pem = `-----BEGIN CERTIFICATE-----\n${identity.certificate.toString('base64')}\n-----END CERTIFICATE-----\n`;
  const server = createServer({
    cert: pem,
    key: identity.key.export({ type: 'pkcs8', format: 'pem' }),
    ...(faults.maxVersion && { minVersion: faults.maxVersion }),
    ...(faults.ciphers && { ciphers: faults.ciphers }),
  });
  const sockets = new Set<Socket>();
  let delegate: (values: readonly string[]) => void = () => {};
  const delegated = new Promise<readonly string[]>((resolve) => (delegate = resolve));
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => {
    const acceptance = new SpnegoAcceptor(new NtlmAcceptor({ users })).accept();
    serve(
      socket.on('error', () => {}),
      acceptance,
      faults.boundTo ?? identity,
      faults,
      delegate,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    delegated,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function serve(
  socket: TLSSocket,
  acceptance: Acceptance,
  identity: TestCertificate,
  faults: CredsspFaults,
  delegate: (values: readonly string[]) => void,
): void {
  let isDelegated = false;
  const nonceHash = (label: string, nonce: Buffer) =>
    createHash('sha256').update(`${label}\0`).update(nonce).update(subjectPublicKey(identity)).digest();
  socket.on('data', (data: Buffer) => {
    if (isDelegated) return void socket.write(data);
    if (faults.garbage !== undefined) return void socket.write(faults.garbage);
    const answer: Buffer[] = [field(0, der(2, Buffer.of(faults.version ?? 6)))];
    const fields = readFields(data);
    const octets = (content: Buffer | undefined) => readDerValues(content!)[0]!.content;
    try {
      const tokens = fields.get(1);
      if (tokens !== undefined) {
        const inside = readFields(readDerValues(octets(tokens))[0]!.encoded);
        const { token } = acceptance.step(octets(inside.get(0)));
        if (token !== undefined) answer.push(field(1, der(0x30, der(0x30, field(0, der(4, token))))));
      }
      if (fields.has(3)) {
        const proof = octets(fields.get(3));
        const clear = acceptance.unwrap({ token: proof.subarray(0, 16), data: proof.subarray(16) });
        const nonce = octets(fields.get(5));
        if (!faults.boundTo && !nonceHash('CredSSP Client-To-Server Binding Hash', nonce).equals(clear))
          throw new Error();
        const sealed = acceptance.wrap(nonceHash('CredSSP Server-To-Client Binding Hash', nonce));
        answer.push(field(3, der(4, Buffer.concat([sealed.token, sealed.data]))));
      }
    } catch {
      answer.push(field(4, der(2, Buffer.from('8009030c', 'hex'))));
    }
    if (faults.errorCode !== undefined) {
      const number = Buffer.alloc(4);
      number.writeUInt32BE(faults.errorCode);
      answer.push(field(4, der(2, number)));
    }
    if (!fields.has(2)) return void socket.write(der(0x30, ...answer));
    isDelegated = true;
    const sealed = octets(fields.get(2));
    delegate(passwordOf(acceptance.unwrap({ token: sealed.subarray(0, 16), data: sealed.subarray(16) })));
  });
}

function passwordOf(credentials: Uint8Array): string[] {
  const inside = readDerValues(readFields(credentials).get(1)!)[0]!.content;
  return [...readFields(inside).values()].map((value) =>
    readDerValues(value)[0]!.content.toString('utf16le'),
  );
}

/** PKCS #1's RSAPublicKey, which is what an RSA SubjectPublicKey holds. */
function subjectPublicKey({ certificate }: TestCertificate): Buffer {
  const body = readDerValues(readDerValues(certificate)[0]!.content)[0]!.content;
  const spki = readDerValues(body)[6]!.content;
  return readDerValues(spki)[1]!.content.subarray(1);
}

export interface CredsspClient extends AsyncDisposable {
  readonly context: SecurityContext;
  /** Takes the context through, with what arrives cut into pieces of `size` octets. */
  signIn(size?: number): Promise<void>;
  echo(data: Uint8Array): Promise<Buffer>;
}

export async function connectCredssp(
  port: number,
  password = 'Secret123',
  isWrapped = false,
): Promise<CredsspClient> {
  const credential = { userName: 'CORP\\jdoe', password };
  const inner = ntlm({ credential, target: 'HTTP/localhost' });
  const context = credssp({ credential, inner: isWrapped ? negotiate({ mechanisms: [inner] }) : inner });
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const arrivals = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const next = async (): Promise<Buffer> => {
    const arrival = await arrivals.next();
    if (arrival.done) throw new Error('The server closed the connection.');
    return arrival.value;
  };
  return {
    context,
    async signIn(size = Infinity) {
      let token = await context.step();
      for (;;) {
        if (token !== undefined) socket.write(token);
        if (context.isComplete) return;
        let arrived: Buffer = await next();
        for (
          token = undefined;
          arrived.length > 0;
          arrived = arrived.subarray(Math.min(size, arrived.length))
        ) {
          token = (await context.step(arrived.subarray(0, size))) ?? token;
        }
      }
    },
    async echo(data) {
      const sealed = context.wrap(data);
      socket.write(Buffer.concat([sealed.token, sealed.data]));
      let arrived: Buffer = Buffer.alloc(0);
      while (arrived.length < sealed.token.length + sealed.data.length)
        arrived = Buffer.concat([arrived, await next()]);
      return Buffer.from(context.unwrap({ token: arrived.subarray(0, 16), data: arrived.subarray(16) }));
    },
    async [Symbol.asyncDispose]() {
      context[Symbol.dispose]();
      socket.destroy();
    },
  };
}

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request } from 'node:http';
import { request as requestTls, type RequestOptions as TlsOptions } from 'node:https';
import forge from 'node-forge';
import type { Identity, Listener } from './listener.ts';

/** A certificate for 127.0.0.1 that is its own authority. */
export function selfSigned(commonName: string): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = pem(privateKey, 'pkcs8');
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(pem(publicKey, 'spki'));
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(Date.now() - 86_400_000);
  certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
  const name = [{ name: 'commonName', value: commonName }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
  ]);
  certificate.sign(forge.pki.privateKeyFromPem(key), forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate), privateKey: key };
}

function pem(key: KeyObject, type: 'pkcs8' | 'spki'): string {
  return key.export({ type, format: 'pem' }).toString();
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

export interface Ask extends Pick<RequestOptions, 'agent' | 'headers' | 'method' | 'path'> {
  readonly body?: string | Buffer | undefined;
  /** TLS with these options; plain HTTP when absent. */
  readonly tls?:
    Pick<TlsOptions, 'ca' | 'cert' | 'ciphers' | 'key' | 'maxVersion' | 'minVersion'> | undefined;
}

/** The head of the answer to one request, on a connection of its own unless an agent is given. */
export async function open({ port }: Listener, { body, tls, ...rest }: Ask = {}): Promise<IncomingMessage> {
  const options = { host: '127.0.0.1', port, agent: false, ...rest, ...tls } as const;
  const outgoing = (tls === undefined ? request : requestTls)(options);
  const opened = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  outgoing.end(body);
  const [incoming] = await opened;
  // Node 24 tells of a reset here too, after the answer has begun.
  outgoing.on('error', () => undefined);
  return incoming;
}

/** One request and its whole answer. */
export async function ask(listener: Listener, options: Ask = {}): Promise<Reply> {
  const incoming = await open(listener, options);
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return { status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString() };
}

/** A bare connection, for what no client of HTTP sends. */
export async function dial({ port }: Listener): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** The code of the error that `work` ends with. */
export async function failureOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
  return 'no error';
}

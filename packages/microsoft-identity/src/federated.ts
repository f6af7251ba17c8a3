import { open } from 'node:fs/promises';
import { isToken } from './token-answer.ts';
import { IdentityError } from './errors.ts';
import { COMPUTER_CLOCK, Http, type Clock } from './http.ts';

/** Variables of a process, such as `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** The audience that Entra expects of foreign assertions. */
const EXCHANGE_AUDIENCE = 'api://AzureADTokenExchange';

export interface FederatedOptions {
  readonly fetch: typeof fetch;
  readonly clock?: Clock | undefined;
  /** Milliseconds; 30 seconds when absent. */
  readonly requestTimeout?: number | undefined;
}

const LARGEST_FILE = 64 * 1024;

/**
 * Where the environment of a job says that assertions come from: `AZURE_FEDERATED_TOKEN_FILE` (Kubernetes workload identity),
 * or GitHub's `ACTIONS_ID_TOKEN_REQUEST_URL` and `…_TOKEN`. `undefined` where it says neither.
 */
export function federatedAssertion(
  variables: Variables,
  { fetch, clock = COMPUTER_CLOCK, requestTimeout: timeout = 30_000 }: FederatedOptions,
): ((signal: AbortSignal) => Promise<string>) | undefined {
  const file = variables['AZURE_FEDERATED_TOKEN_FILE'];
  if (file !== undefined && file !== '') return fileAssertion(file);
  const url = variables['ACTIONS_ID_TOKEN_REQUEST_URL'];
  const token = variables['ACTIONS_ID_TOKEN_REQUEST_TOKEN'];
  if (!url || !token) return undefined;
  const http = new Http({ fetch, clock, timeout });
  return (signal) => assertionOfGitHub(url, token, http, signal);
}

/** Assertions of a file, read anew each time: what keeps it fresh is somebody else. */
export function fileAssertion(path: string): () => Promise<string> {
  return () => assertionOfFile(path);
}

async function assertionOfFile(path: string): Promise<string> {
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) throw noAssertion('the file with the federated token cannot be opened');
  try {
    const buffer = Buffer.alloc(LARGEST_FILE + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return checkAssertion(buffer.toString('utf8', 0, bytesRead).trim());
  } finally {
    await handle.close();
  }
}

/** GitHub's "OpenID Connect" reference: a GET with the audience, answered with `value`. */
async function assertionOfGitHub(
  address: string,
  token: string,
  http: Http,
  signal: AbortSignal,
): Promise<string> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'https:') throw noAssertion('ACTIONS_ID_TOKEN_REQUEST_URL is not an https address');
  url.searchParams.set('audience', EXCHANGE_AUDIENCE);
  const headers = { authorization: `bearer ${token}` };
  const { status, json } = await http.send(url.href, { method: 'GET', headers }, signal);
  if (status !== 200) throw noAssertion(`GitHub gave no federated token (${status})`);
  return checkAssertion(json?.['value']);
}

/** A JWT of a sensible length, as far as that can be seen without knowing its issuer. */
export function checkAssertion(value: unknown): string {
  if (isToken(value) && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value)) return value;
  throw noAssertion('the federated token is empty or malformed');
}

function noAssertion(what: string): IdentityError {
  return new IdentityError('invalid-settings', what, {
    next: 'check the workload identity of the job, in GitHub its permission "id-token: write"',
  });
}

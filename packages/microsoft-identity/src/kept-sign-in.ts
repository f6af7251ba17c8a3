import {
  defineEnvironment,
  ENVIRONMENTS,
  findEnvironment,
  type Environment,
  type EnvironmentDefinition,
} from './environments.ts';
import { IdentityError } from './errors.ts';
import { IdentityClient, type IdentityOptions } from './identity-client.ts';
import { isObject, parseObject, type JsonObject } from './json.ts';
import type { TokenPartition } from './partition.ts';
import { signInOf, type MethodServices, type SignInMethod } from './sign-in-method.ts';

/** All that a later process needs to go on with a session: who signs in where and how, and its tokens. */
export interface KeptSignIn {
  readonly environment: Environment;
  readonly clientId?: string | undefined;
  readonly tenant?: string | undefined;
  readonly method: SignInMethod;
  /** What the session's `TokenPartition` holds; absent before the first token. */
  readonly partition?: string | undefined;
}

/** Where the text of one `KeptSignIn` lives. */
export interface KeptStore {
  read(): Promise<string>;
  /** As `TokenPartition.replace`; nothing is stored where `change` answers `undefined`. */
  replace(change: (text: string) => Promise<string | undefined>): Promise<void>;
}

const FORMAT = 1;
const LIMITS = { length: 8 * 1024 * 1024, depth: 8 };

/** One text that holds everything, secrets and all: keep it sealed. */
export function writeKept({ environment, ...rest }: KeptSignIn): string {
  const place = environment.type === 'Built-in' ? environment.name : environment;
  return JSON.stringify({ format: FORMAT, environment: place, ...rest });
}

/** Throws `unreadable-partition` for anything but a text of `writeKept`. */
export function readKept(text: string): KeptSignIn {
  const value = parseObject(text, LIMITS);
  const { format, environment, clientId, tenant, method, partition } = value ?? {};
  const isWhole =
    format === FORMAT && isMethod(method) && [clientId, tenant, partition].every(isTextOrAbsent);
  if (!isWhole) throw unreadable();
  return {
    environment: environmentOf(environment),
    ...({ clientId, tenant, partition } as Pick<KeptSignIn, 'clientId' | 'tenant' | 'partition'>),
    method,
  };
}

/** The partition that lies within such a text. */
export function partitionWithin(store: KeptStore): TokenPartition {
  return {
    read: async () => readKept(await store.read()).partition,
    replace: (change) =>
      store.replace(async (text) => {
        const kept = readKept(text);
        const partition = await change(kept.partition);
        return partition === kept.partition ? undefined : writeKept({ ...kept, partition });
      }),
  };
}

/** A partition that lives as long as this object: what a sign-in fills before there is a session to keep it. */
export class HeldPartition implements TokenPartition {
  #text: string | undefined;

  constructor(text?: string) {
    this.#text = text;
  }

  get text(): string | undefined {
    return this.#text;
  }

  async read(): Promise<string | undefined> {
    return this.#text;
  }

  async replace(change: (current: string | undefined) => Promise<string | undefined>): Promise<void> {
    this.#text = await change(this.#text);
  }
}

export type KeptServices = MethodServices & Pick<IdentityOptions, 'signInTimeout'>;

/** A client for what is kept, with its tokens in `partition`. */
export function clientOf(
  kept: KeptSignIn,
  partition: TokenPartition,
  { variables, ...options }: KeptServices,
): IdentityClient {
  const { environment, clientId, tenant, method } = kept;
  const signIn = signInOf(method, { variables, ...options });
  return new IdentityClient({ environment, clientId, tenant, signIn, partition, ...options });
}

function environmentOf(value: unknown): Environment {
  try {
    if (typeof value === 'string') return findEnvironment(value, ENVIRONMENTS);
    if (isObject(value) && hasTextsOnly(value)) {
      const aliases = Array.isArray(value['aliases']) ? value['aliases'] : [];
      return defineEnvironment({ ...(value as unknown as EnvironmentDefinition), aliases });
    }
  } catch {
    // Said below.
  }
  throw unreadable();
}

function hasTextsOnly(value: JsonObject): boolean {
  return Object.values(value).every(
    (part) =>
      typeof part === 'string' || (Array.isArray(part) && part.every((one) => typeof one === 'string')),
  );
}

function isMethod(value: unknown): value is SignInMethod {
  if (!isObject(value)) return false;
  const { kind, clientSecret, certificate, sendsChain, tokenFile, name, accessToken } = value;
  switch (kind) {
    case 'interactive':
      return isTextOrAbsent(clientSecret);
    case 'device-code':
      return true;
    case 'client-secret':
      return typeof clientSecret === 'string';
    case 'certificate':
      return isCertificate(certificate) && (sendsChain === undefined || typeof sendsChain === 'boolean');
    case 'federated':
      return isTextOrAbsent(tokenFile);
    case 'managed-identity':
      return (
        isObject(name) && ['clientId', 'objectId', 'resourceId'].every((part) => isTextOrAbsent(name[part]))
      );
    case 'access-token':
      return typeof accessToken === 'string';
    default:
      return false;
  }
}

function isCertificate(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { pem, pfx, thumbprint, password } = value;
  return [pem, pfx, thumbprint].some((part) => typeof part === 'string') && isTextOrAbsent(password);
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function unreadable(): IdentityError {
  return new IdentityError('unreadable-partition', 'what is kept of this sign-in cannot be read', {
    next: 'disconnect the session and sign in again',
  });
}

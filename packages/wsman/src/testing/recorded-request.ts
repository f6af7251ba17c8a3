import type { IncomingHttpHeaders } from 'node:http';
import type { RequestRecord } from '@slipline/fake-http';
import type { Scheme } from './authenticator.ts';
import type { Operation } from './namespaces.ts';

/** What a request does; `Authenticate` is one without envelope, or one that is not let in. */
export type RequestKind = Operation | 'Authenticate';

/** A request as the service received it, secrets and all. */
export interface RecordedRequest extends RequestRecord {
  readonly kind: RequestKind;
  readonly transport: 'http' | 'https';
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as it came. */
  readonly body: Buffer;
  /** The envelope in the clear; absent where there is none. */
  readonly soap: string | undefined;
  readonly isSealed: boolean;
  readonly scheme: Scheme | undefined;
  /** `DOMAIN\user` of whoever is signed in. */
  readonly user: string | undefined;
  readonly resourceUri: string | undefined;
  readonly shellId: string | undefined;
  readonly sessionId: string | undefined;
  /** Numbers its connection, from 1. */
  readonly connection: number;
  /** The service's time, in milliseconds. */
  readonly at: number;
  /** Why it was not let in. */
  readonly refusal?: string | undefined;
}

import { Agent, fetch as undiciFetch } from 'undici';
import { serverIdentity } from './certificates.test.support.ts';

/** `fetch` that trusts the fakes. */
export const trustingFetch: typeof fetch = (() => {
  const dispatcher = new Agent({ connect: { ca: serverIdentity().certificate }, keepAliveTimeout: 10 });
  return (input: string, init: object) => undiciFetch(input, { ...init, dispatcher });
})() as unknown as typeof fetch;

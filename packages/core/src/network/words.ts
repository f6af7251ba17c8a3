import { describeThrown } from '../thrown.ts';

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: the connection was refused',
  ENOTFOUND: 'the name cannot be resolved',
  EAI_AGAIN: 'the name cannot be resolved at the moment',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET: 'the connection was reset',
};

/** One sentence for a socket error; the code itself where there is none. */
export function wordsFor(error: unknown): string {
  const { code, message } = describeThrown(error);
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return 'there is no TLS that this client can speak';
  return WORDS[code] ?? message;
}

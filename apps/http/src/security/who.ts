import { DisconnectError } from '@slipline/core';

/** viewer: reads sessions, jobs, providers, metrics. operator: also connects, watches, plans, disconnects. auditor: reads
 *  everything, receipts and the audit too, and changes nothing. */
export const ROLES = ['viewer', 'operator', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/** What a scope is held against: anything of one provider at one endpoint. */
export interface Target {
  readonly provider: string;
  readonly endpoint: string;
}

/** Somebody who has signed in, and how far they may go. */
export interface Who {
  readonly user: string;
  readonly role: Role;
  /** `provider:glob-of-endpoint`, such as `wsman:server*`; `*` is everything. */
  readonly scopes: readonly string[];
  sees(target: Target): boolean;
}

const LONGEST_SCOPE = 300;
const MOST_SCOPES = 100;
const SCOPE = /^(?:\*|([a-z][a-z0-9-]{0,63}|\*):([^\s\p{Cc}]+))$/u;

/** Throws `invalid-request` for a scope that is none. */
export function makeWho(user: string, role: Role, scopes: readonly string[]): Who {
  if (scopes.length > MOST_SCOPES)
    throw new DisconnectError('invalid-request', `there are more than ${MOST_SCOPES} scopes`);
  const tests = scopes.map(testOf);
  return Object.freeze({
    user,
    role,
    scopes: Object.freeze([...scopes]),
    sees: (target: Target) => tests.some((test) => test(target)),
  });
}

function testOf(scope: string): (target: Target) => boolean {
  const [whole, provider = '*', glob = '*'] = (scope.length <= LONGEST_SCOPE && SCOPE.exec(scope)) || [];
  if (whole === undefined) {
    throw new DisconnectError('invalid-request', `"${scope.slice(0, 80)}" is not a scope`, {
      next: 'write provider:endpoint, where * stands for any text, as in wsman:server*',
    });
  }
  const pattern = glob.toLowerCase();
  return (target) =>
    (provider === '*' || provider === target.provider) && matchesGlob(pattern, target.endpoint.toLowerCase());
}

/** Whether `*` (any text) and `?` (one character) make `text` of `glob`; at most their lengths multiplied in steps. */
export function matchesGlob(glob: string, text: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let resume = 0;
  while (place < text.length) {
    if (glob[at] === '*') {
      star = at;
      resume = place;
      at += 1;
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === text[place])) {
      at += 1;
      place += 1;
    } else if (star !== -1) {
      at = star + 1;
      resume += 1;
      place = resume;
    } else {
      return false;
    }
  }
  return /^\**$/.test(glob.slice(at));
}

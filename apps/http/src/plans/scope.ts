import { DisconnectError } from '@slipline/core';
import type { Target, Who } from '../security/who.ts';

/** What somebody asked for is outside of their scope; whoever refuses it notes it in the audit. */
export class OutOfScope extends DisconnectError {
  readonly target: Target;

  constructor({ provider, endpoint }: Target) {
    super(
      'forbidden',
      `${provider} at ${endpoint === '' ? 'any endpoint' : endpoint} is outside your scope`,
      {
        next: 'ask for a key with a wider scope, or leave it out',
      },
    );
    this.target = { provider, endpoint };
  }
}

/** Throws `OutOfScope` for the first target that is. */
export function checkScope(targets: Iterable<Target>, who: Who): void {
  for (const target of targets) if (!who.sees(target)) throw new OutOfScope(target);
}

import { DisconnectError } from '@slipline/core';
import type { Audit } from '../security/audit.ts';
import type { Target, Who } from '../security/who.ts';

/** What somebody asked for is outside of their scope; whoever refuses it notes it in the audit. */
export class OutOfScope extends DisconnectError {
  readonly target: Target;

  constructor({ provider, endpoint }: Target) {
    // Not which: that is nobody's business who does not see it.
    super('forbidden', `this reaches something of ${provider} that is outside your scope`, {
      next: 'ask for a key with a wider scope, or leave it out',
    });
    this.target = { provider, endpoint };
  }
}

/** Throws `OutOfScope` for the first target that is. */
export function checkScope(targets: Iterable<Target>, who: Who): void {
  for (const target of targets) if (!who.sees(target)) throw new OutOfScope(target);
}

/** Does `work`; where that is refused for its scope, the audit says who tried what. */
export async function notingRefusals<T>(
  audit: Pick<Audit, 'note'>,
  { user }: Who,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OutOfScope)
      await audit.note({ user, what: `${what} refused`, target: error.target, detail: 'out of scope' });
    throw error;
  }
}

import type { CheckDefinition } from './provider-checks/check.ts';
import { closingEndsNothing, closingTwice } from './provider-checks/closing.ts';
import { abortSendsNothing, errorIsNeverSuccess, hangEnds, lieIsCaught } from './provider-checks/failures.ts';
import {
  creatingSendsNothing,
  failingEndpointHidesNothing,
  planningChangesNothing,
  selectorSelects,
  sessionIsWellFormed,
} from './provider-checks/listing.ts';
import {
  adoptedIsNotEnded,
  effectIsTheOneReported,
  effectShows,
  goneAlreadyIsSuccess,
  reusedIdIsRefused,
  twiceIsSuccess,
} from './provider-checks/outcomes.ts';
import { noSecretIsSeen } from './provider-checks/secrecy.ts';
import type { OpenBench } from './stage.ts';

/** One promise of a provider, to be given to whatever test runner there is. */
export interface Check {
  /** The promise, as a sentence. */
  readonly name: string;
  /** Tries it on a bench of its own; rejects with an `AssertionError` where the promise is not kept. */
  readonly run: () => Promise<void>;
}

const CHECKS: readonly CheckDefinition[] = [
  creatingSendsNothing,
  planningChangesNothing,
  selectorSelects,
  sessionIsWellFormed,
  failingEndpointHidesNothing,
  effectShows,
  effectIsTheOneReported,
  twiceIsSuccess,
  goneAlreadyIsSuccess,
  reusedIdIsRefused,
  adoptedIsNotEnded,
  errorIsNeverSuccess,
  lieIsCaught,
  hangEnds,
  abortSendsNothing,
  noSecretIsSeen,
  closingTwice,
  closingEndsNothing,
];

/**
 * What every provider promises, each promise proved by what the server itself says. A promise that a system cannot break,
 * because its bench cannot adopt or it offers no effect that a server would notice, is kept.
 */
export function providerChecks(openBench: OpenBench): readonly Check[] {
  return CHECKS.map(({ name, run }) => Object.freeze({ name, run: () => run(openBench) }));
}

import type { FaultPlan } from '@slipline/fake-http';
import type { Fault } from './faults.ts';
import type { RecordedRequest } from './recorded-request.ts';

/** Where a client asks how far an appliance has started up; a busy one answers here too. */
export const PROGRESS_PATH = '/rest/appliance/progress';

/** What is counted there. */
const COMPONENTS = 60;

/** How far the appliance has started up. A busy one gets further with each request it refuses and each look at it. */
export function startupOf(faults: FaultPlan<RecordedRequest, Fault>): { complete: number; total: number } {
  const busy = faults.find(({ kind }) => kind === 'busy');
  if (busy === undefined) return { complete: COMPONENTS, total: COMPONENTS };
  const steps = Number.isFinite(busy.times) ? busy.times : COMPONENTS;
  const complete = Math.floor((COMPONENTS * busy.uses) / steps);
  busy.use();
  // Never all of them: it would not be busy then.
  return { complete: Math.min(complete, COMPONENTS - 1), total: COMPONENTS };
}

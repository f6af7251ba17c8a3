import { DisconnectError } from '../errors.ts';
import { CLOCK, DIAL, FETCH, LOG, OPTIONS, type Host } from '../host.ts';
import { describeThrown } from '../thrown.ts';
import { container } from './tsyringe.ts';

/**
 * Builds `type` in a child container of its own that holds values only: nothing registered by one provider is seen by
 * another, and nothing is kept in tsyringe's global container.
 */
export function resolveIn<T>(
  host: Omit<Host, 'resolve'>,
  type: new (...args: never[]) => T,
  options: unknown,
): T {
  const scope = container.createChildContainer();
  const values: readonly [symbol, unknown][] = [
    [LOG, host.log],
    [CLOCK, host.clock],
    [FETCH, host.fetch],
    [DIAL, host.dial],
    [OPTIONS, options],
  ];
  // By factories, since the library takes an undefined value for none.
  for (const [token, value] of values) scope.register(token, { useFactory: () => value });
  try {
    return scope.resolve(type as new (...args: unknown[]) => T);
  } catch (cause) {
    const what = describeThrown(cause).message;
    throw new DisconnectError('internal', `${type.name} cannot be built: ${what}`, {
      cause,
      ...(what.includes('TypeInfo not known') && {
        next: 'are two copies of @slipline/core installed? npm ls @slipline/core',
      }),
    });
  }
}

import * as library from './tsyringe.ts';

export { resolveIn } from './resolve.ts';

/** What a constructor parameter is asked for by: one of core's tokens, or a class. */
export type Token = symbol | (new (...args: never[]) => unknown);

/** Says what a constructor parameter is given. Every parameter of an `@injectable` class carries it. */
export function inject(token: Token): ParameterDecorator {
  return library.inject(token as symbol);
}

/** Lets `host.resolve` build the class. */
export function injectable(): ClassDecorator {
  return library.injectable() as ClassDecorator;
}

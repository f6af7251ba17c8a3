import 'reflect-metadata';
import { inject as injectToken, injectable as makeInjectable } from 'tsyringe';

/** What a constructor parameter is asked for by: one of core's tokens, or a class. */
export type Token = symbol | (new (...args: never[]) => unknown);

/** Says what a constructor parameter is given. Every parameter of an `@injectable` class carries it. */
export function inject(token: Token): ParameterDecorator {
  return injectToken(token as symbol);
}

/** Lets `host.resolve` build the class. Written last, after what `@inject` said about its parameters. */
export function injectable(): ClassDecorator {
  return makeInjectable() as ClassDecorator;
}

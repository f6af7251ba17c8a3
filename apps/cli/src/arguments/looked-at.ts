import { GLOBAL_FLAGS } from '../command.ts';
import type { Environment, Format } from '@slipline/config';
import { flagsOf } from './flags.ts';
import { scan } from './scan.ts';

/** What a command line says of how messages are to be written. */
export interface LookedAt {
  readonly output?: Format | undefined;
  readonly verbose?: boolean | undefined;
  readonly debug?: boolean | undefined;
  readonly hidesWarnings?: boolean | undefined;
}

/** How to say what is wrong with a command line that cannot be read to its end. */
export function lookedAt(argv: readonly string[], environment: Environment): LookedAt {
  try {
    const { given } = scan(argv, flagsOf(GLOBAL_FLAGS));
    const last = (key: string): string | undefined => given.findLast(({ flag }) => flag.key === key)?.value;
    const has = (key: string): boolean => given.some(({ flag }) => flag.key === key);
    const output = (last('output') ?? environment['SLIPLINE_OUTPUT']) as Format | undefined;
    return { output, verbose: has('verbose'), debug: has('debug') };
  } catch {
    return {};
  }
}

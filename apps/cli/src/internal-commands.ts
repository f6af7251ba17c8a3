import { run, type Surroundings } from './program.ts';

/** Commands that only this program, and the shells it completes for, call: nobody is told about them. */
export async function runInternal(surroundings: Surroundings): Promise<number> {
  const [name, ...args] = surroundings.argv;
  switch (name) {
    case '__complete': {
      const { printCandidates } = await import('./completion/complete.ts');
      return printCandidates(args, surroundings);
    }
    case '__guard': {
      const { guardLab } = await import('./lab/lab-guard.ts');
      return guardLab(args[0] ?? '', surroundings.streams.stdin);
    }
    default:
      return run(surroundings);
  }
}

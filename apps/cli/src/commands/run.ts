import {
  DisconnectError,
  Secret,
  type Access,
  type OpenSession,
  type Outcome,
  type ParameterTable,
  type Session,
} from '@slipline/core';
import { DURATION, parseDuration } from '@slipline/config';
import { usage } from '../arguments/usage.ts';
import { chosenSession } from '../choosing.ts';
import type { Command, Context, Invocation } from '../command.ts';
import { connectedSentence, openSession, type CONNECTING_FLAGS } from '../connecting.ts';
import { EXIT, exitCodeOfReport } from '../exit-codes.ts';
import { outcomeSentence } from '../output/outcomes.ts';
import type { Spec } from '../running/spec.ts';

const FLAGS = {
  with: {
    type: 'string',
    many: true,
    format: 'line',
    summary:
      'a session that is open, as PROVIDER:NAME, or what follows "slipline connect" to open one; once for each session',
    placeholder: 'SESSION',
  },
  noVerify: {
    type: 'boolean',
    summary: 'do not ask the systems whether the sessions are gone',
    excludes: ['requireVerified'],
  },
  requireVerified: {
    type: 'boolean',
    summary: 'where the command succeeds, fail all the same unless every end is verified',
  },
  reason: { type: 'string', summary: 'why, for the history', placeholder: 'TEXT' },
  timeout: {
    type: 'string',
    pattern: DURATION,
    summary: 'give up on ending a session after this time',
    placeholder: 'TIME',
  },
} as const satisfies ParameterTable;

const USAGE = 'slipline run --with SESSION -- PROGRAM ARGUMENTS…';

/** Runs a program with sessions that end with it. */
export const run: Command<typeof FLAGS> = {
  name: 'run',
  summary: 'run a program with sessions that end with it, whatever becomes of it',
  usage: '--with SESSION… -- PROGRAM ARGUMENTS…',
  flags: FLAGS,
  examples: [
    "slipline run --with 'hpe-oneview ov1.example --user-name Administrator --password-file FILE' -- env",
    'slipline run --with hpe-oneview:1 -- env',
    "slipline run --with 'A=hpe-oneview:1' --with 'B=hpe-oneview:2' -- env",
  ],
  async run({ flags, positionals, rest }, context) {
    const [stray] = positionals;
    if (stray !== undefined || rest.length === 0)
      throw usage(
        stray === undefined ? 'there is no program to run' : `"${stray.slice(0, 80)}" is not expected here`,
        USAGE,
      );
    const { parseSpec } = await import('../running/spec.ts');
    const specs = (flags.with ?? []).map(parseSpec);
    if (specs.length === 0) throw usage('run needs to know with which sessions', USAGE);
    refuseSameNames(specs);
    const work = new Work(flags, context);
    return work.run(specs, rest);
  },
};

/** Two sessions of one provider put the same variables into the environment. */
function refuseSameNames(specs: readonly Spec[]): void {
  const places = specs.map(({ prefix, words: [first = ''] }) => `${prefix} ${first.split(':')[0]}`);
  const place = places.findIndex((one, index) => places.indexOf(one) !== index);
  const [provider = ''] = specs[place]?.words[0]?.split(':') ?? [];
  if (place !== -1)
    throw usage(
      `two sessions of ${provider} would have the same names in the environment`,
      `put a name of their own in front: --with 'A=${provider} …' --with 'B=${provider} …'`,
    );
}

class Work {
  readonly #flags: Invocation<typeof FLAGS>['flags'];
  readonly #context: Context;
  readonly #opened: OpenSession[] = [];

  constructor(flags: Invocation<typeof FLAGS>['flags'], context: Context) {
    this.#flags = flags;
    this.#context = context;
  }

  /** The exit code of the program; sessions that were opened for it are ended in any case. */
  async run(specs: readonly Spec[], command: readonly string[]): Promise<number> {
    const { messages, signal } = this.#context;
    let departure: Disposable | undefined;
    try {
      const environment = await this.#environment(specs);
      signal.throwIfAborted();
      const { Departure } = await import('../running/departure.ts');
      const { runProgram } = await import('../running/child-program.ts');
      this.#context.handOverSignals();
      departure = new Departure(
        () => messages.note('interrupted: sessions end with the program; Ctrl-C again leaves at once'),
        (code) => process.exit(code),
      );
      messages.clear();
      const hasTerminal = this.#context.terminal !== undefined;
      const code = await runProgram(command, { environment, hasTerminal, usage: USAGE });
      return this.#exitCode(code, await this.#end());
    } catch (error) {
      await this.#end();
      throw error;
    } finally {
      departure?.[Symbol.dispose]();
    }
  }

  async #environment(specs: readonly Spec[]): Promise<NodeJS.ProcessEnv> {
    const granted: [string, string][] = [];
    for (const spec of specs) {
      const session = await this.#session(spec);
      for (const [name, value] of Object.entries((await this.#access(session)).environment))
        granted.push([spec.prefix + name, value instanceof Secret ? value.reveal() : value]);
    }
    // Now: what a password was read from is no longer in it.
    return { ...this.#context.environment, ...Object.fromEntries(granted) };
  }

  async #session({ words, isBorrowed }: Spec): Promise<Session> {
    const { parse, messages } = this.#context;
    const parsed = await parse([isBorrowed ? 'access' : 'connect', ...words]);
    if (parsed.kind === 'help') throw usage('--with names a session, or how one is opened', USAGE);
    if (isBorrowed) return chosenSession(parsed.invocation, this.#context);
    const invocation = parsed.invocation as Invocation<typeof CONNECTING_FLAGS>;
    const flags = { ...invocation.flags, reason: invocation.flags.reason ?? this.#flags.reason };
    const opened = await openSession({ ...invocation, flags }, this.#context, {
      scope: 'process',
      owner: process.pid,
    });
    this.#opened.push(opened);
    messages.note(connectedSentence({ ...opened, session: { ...opened.session, isDefault: false } }));
    return opened.session;
  }

  /** A system that hands nothing out can still be used through this very command line. */
  async #access(session: Session): Promise<Access> {
    const { slipline, signal, settings } = this.#context;
    try {
      return await (
        await slipline()
      ).access(session, {
        signal,
        timeout: settings.timeout,
        reason: this.#flags.reason,
      });
    } catch (error) {
      if (DisconnectError.is(error) && error.code === 'unsupported') return { environment: {} };
      throw error;
    }
  }

  /** Ends what was opened, all at once; what cannot be ended now is left to a clean-up. */
  async #end(): Promise<readonly Outcome[]> {
    const { messages, settings } = this.#context;
    const { noVerify, reason, timeout: given } = this.#flags;
    const timeout = given === undefined ? settings.timeout : parseDuration(given, '--timeout');
    const options = { verify: noVerify !== true, reason, timeout, verifyTimeout: timeout };
    const ends = await Promise.all(
      this.#opened.splice(0).map(async (opened): Promise<readonly Outcome[]> => {
        try {
          return (await opened.disconnect(options)).outcomes;
        } catch (error) {
          return [{ session: opened.session, status: 'failed', error: DisconnectError.from(error) }];
        }
      }),
    );
    const outcomes = ends.flat();
    for (const outcome of outcomes) messages.note(outcomeSentence(outcome));
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'failed' ? [outcome.error] : []));
    messages.problems(failures);
    if (failures.length > 0) messages.note('To try that again: slipline cleanup');
    return outcomes;
  }

  #exitCode(code: number, outcomes: readonly Outcome[]): number {
    const { requireVerified } = this.#flags;
    if (code !== EXIT.success || requireVerified !== true) return code;
    return exitCodeOfReport({ outcomes, problems: [] }, { requireVerified });
  }
}

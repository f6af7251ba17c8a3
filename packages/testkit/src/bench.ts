import type { Authority } from './authority.ts';
import type { AnyPlugin, Effect, NetworkOptions, Prompts, Session, Slipline } from '@slipline/core';

/** A person who may sign in to the fake. */
export interface LabUser {
  readonly userName: string;
  readonly password: string;
  readonly role: string;
}

/** What a newcomer needs to use a fake system by hand. */
export interface LabFacts {
  readonly endpoint: string;
  readonly users: readonly LabUser[];
  /** PEM of the authority that vouches for it. */
  readonly authority?: string | undefined;
  /** Variables that make a program find it. Of several providers `SLIPLINE_RESOLVE` is joined with commas, and what is a
   *  JSON list becomes one list. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface BenchOptions {
  /** Issues the fake's certificate; the bench makes one of its own when absent. */
  readonly authority?: Authority | undefined;
  /** Passwords at random instead of fixed ones. */
  readonly password?: (() => string) | undefined;
  /** Lends what several benches have in common; each starts one of its own when absent. */
  readonly shared?: Shared | undefined;
}

/** What is started under a name by the first that asks for it, and stopped by whoever lends it. */
export type Shared = <T extends AsyncDisposable>(name: string, start: () => Promise<T>) => Promise<T>;

/** What the server itself says of a session. */
export type Observed = 'live' | 'detached' | 'gone';

/** A session made for one check, and how a user would name it. */
export interface BenchSession {
  readonly session: Session;
  /** Values of the plugin's `find` parameters that select just this session. */
  readonly selector: Readonly<Record<string, unknown>>;
}

/**
 * One fake system with its own state, and the provider to be checked against it. A provider's package offers it as
 * `openBench()` at `./testing`; the same fake serves its tests, the apps' tests and the lab.
 */
export interface Bench extends AsyncDisposable {
  readonly plugin: AnyPlugin;
  readonly facts: LabFacts;
  /** What a `Slipline` needs in order to reach the fake: its authority, its names. */
  readonly network: NetworkOptions;
  /** How somebody at the fake answers, where a sign-in needs a person. */
  readonly prompts?: Prompts | undefined;
  /** Values of the plugin's `connect` parameters for the fake's first user, where the provider connects. */
  connectValues?(): Readonly<Record<string, unknown>>;
  /** Makes one more session: through `slipline` where the provider connects, else on the server. */
  open(slipline: Slipline): Promise<BenchSession>;
  /** Makes a session on the server and lets `slipline` adopt it, where the provider can. */
  adopt?(slipline: Slipline): Promise<BenchSession>;
  /** What the server says of it, asked past the provider. */
  observe(session: Session): Promise<Observed>;
  /** What the server must say once `effect` is reached; `live` for `forget`. */
  expected(effect: Effect): Observed;
  /** Ends it on the server, past the provider, and lets another session take its id where ids are reused. */
  replace(slipline: Slipline, session: Session): Promise<void>;
  /** Ends it on the server, past the provider, and nothing else. */
  endOnServer?(session: Session): Promise<void>;
  /** How many requests that could change something have reached the server. */
  writes(): number;
  /** How many requests of any kind have reached the server. */
  requests?(): number;
  /** How many sessions the server has at this moment, whoever opened them. */
  sessionCount?(): number;
  /** From now on requests that end a session fail with a server error (`error`), never answer (`hang`), or are
   *  answered with success and do nothing (`lie`), until `heal`. */
  fail(how: 'error' | 'hang' | 'lie'): void;
  heal(): void;
  /** Secrets that are in use: tokens, passwords. None may be seen anywhere. */
  canaries(): readonly string[];
}

import type { Effect } from './effect.ts';
import type { Host } from './host.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { Residual } from './outcome.ts';
import type { ParameterTable, Values } from './parameters.ts';
import type { Secret } from './secret.ts';
import type { Session, SessionRef } from './session.ts';

/** Changes only when a provider has to change. */
export const CONTRACT = 1;

/** One system that holds sessions. Implementations throw `DisconnectError`; they never build outcomes, ask for
 *  confirmation or retry: core does. Only what every system can do is required. */
export interface Provider<Connect = unknown, Selector = unknown> extends Partial<AsyncDisposable> {
  /** The sessions that match, at one endpoint where the selector has one. Changes nothing, here or on the server. */
  find(selector: Selector, context: FindContext): AsyncIterable<Session>;
  /** Does `effect` to one session. Already gone is success, and said so. */
  disconnect(session: Session, effect: Effect, context: CallContext): Promise<Disconnected>;
  /** Opens a session. Core has written the intent down before this is called. */
  connect?(values: Connect, context: ConnectContext): Promise<Opened>;
  /** Whether the effect has taken hold, asked of the server. Providers that cannot tell omit it. */
  probe?(session: Session, effect: Effect, context: CallContext): Promise<'reached' | 'not-yet' | 'changed'>;
  /** Reads one foreign session again by reference: plans and piped sessions are untrusted until this has answered.
   *  Without it core looks for the reference among the sessions that `find` yields. */
  inspect?(ref: SessionRef, context: CallContext): Promise<Session | undefined>;
  /** What another program needs to use the session. */
  access?(session: Session, context: CallContext): Promise<Access>;
  /** Whether the system has what a connect may have opened before its answer was lost: `gone`, or `unknown` where nobody
   *  can tell. There is no secret. Without it such an entry waits for the plugin's `idleLimit`. */
  resolve?(session: Session, context: CallContext): Promise<'gone' | 'unknown'>;
  /** A further verb that the plugin declares, such as `message` to a desktop. */
  act?(name: string, session: Session, values: unknown, context: CallContext): Promise<JsonValue>;
}

/** What core lends to one call. */
export interface CallContext {
  /** Ends the call: the caller's abort and the deadline in one. */
  readonly signal: AbortSignal;
  /** This provider's own sessions as the ledger has them, by number. Asks no server and opens no keyring. */
  own(): Promise<readonly Session[]>;
  /** What the ledger keeps sealed for an own session. */
  secret(session: SessionRef): Promise<Secret>;
  /** Replaces what the ledger keeps sealed for an own session, and the facts that go with it. `change` is given the
   *  newest secret, and again where another process was faster; it leaves everything as it is by returning nothing. */
  renew(session: SessionRef, change: (current: Secret) => Promise<Renewal | undefined>): Promise<void>;
  /** Flag, then what the provider's own session keeps, then saved, then prompt; for this endpoint only. */
  credential(endpoint: string, wanted?: WantedCredential): Promise<Credential | undefined>;
}

export interface FindContext extends CallContext {
  /** Whether own sessions are to be asked of their systems; false while a plan is made of what the ledger has. */
  readonly isLive: boolean;
}

export interface ConnectContext extends CallContext {
  /** The number core gave this session: the smallest that is free among the provider's own. */
  readonly number: number;
  /** Says that the session exists from now on. Call it with what the server has just issued, before any further
   *  request: it is sealed and listed when this returns, and core ends it if `connect` fails afterwards. */
  keep(opened: Opened): Promise<void>;
  /** Tells a person what to do elsewhere. Rejects with `unauthenticated` where there is nobody to tell. */
  show(notice: Notice): Promise<void>;
  /** Runs `work`, which waits for that person; while it runs the deadline of this connect comes no nearer. */
  whilePersonActs<T>(work: () => Promise<T>): Promise<T>;
}

/** Something a person has to do elsewhere: a page to open, and perhaps a code to type there. */
export interface Notice {
  readonly text: string;
  readonly url?: string | undefined;
  readonly code?: string | undefined;
  /** The page is to be opened in the person's own browser, on this computer. */
  readonly opens?: boolean | undefined;
}

export interface WantedCredential {
  /** What an own session keeps for this endpoint; asked where no flag gives a whole credential, with the name a flag gives. */
  readonly kept?: ((userName: string | undefined) => Promise<Credential | undefined>) | undefined;
  /** False leaves people alone; true when absent. */
  readonly mayPrompt?: boolean | undefined;
}

export interface Credential {
  readonly userName: string;
  readonly password: Secret;
}

/** What a secret is replaced with, such as a token cache after a refresh. Facts left out stay as they were. */
export interface Renewal {
  readonly secret: Secret;
  readonly expiresAt?: string | undefined;
  readonly details?: JsonObject | undefined;
}

/** A session that `connect` opened, or adopted. Core adds number, fingerprint, state and default. */
export interface Opened {
  readonly endpoint: string;
  /** The system's own id where that is not a secret; else core's number stands for it. It must differ from the ids of
   *  foreign sessions at the same endpoint: where those are numbers, give one such as `connection-1`. */
  readonly id?: string | undefined;
  readonly kind: string;
  readonly label: string;
  readonly principal?: string | undefined;
  readonly ownership: 'opened' | 'adopted';
  readonly effects: readonly [Effect, ...Effect[]];
  readonly expiresAt?: string | undefined;
  readonly details: JsonObject;
  /** `process`: it is to end with the process that opened it, or for which it was opened; `user` when absent. */
  readonly scope?: 'process' | undefined;
  /** What ends, probes or uses the session; sealed by core and handed back through `CallContext.secret`. */
  readonly secret?: Secret | undefined;
}

export interface Disconnected {
  /** The session was gone before we came. */
  readonly wasGone: boolean;
  /** Access that remains although the effect was reached. */
  readonly residual?: readonly Residual[] | undefined;
}

/** What another program needs: environment variables, by the names the vendor's own tools read, and HTTP headers. */
export interface Access {
  readonly environment: Readonly<Record<string, string | Secret>>;
  readonly headers?: Readonly<Record<string, string | Secret>> | undefined;
}

/** How a cmdlet names this provider's parameters: as they are called here, in any case. */
export interface Cmdlet {
  readonly name: string;
  readonly aliases?: readonly string[] | undefined;
  readonly verb: 'connect' | 'list' | 'disconnect' | 'act';
  /** The action, where `verb` is `act`; the effect, where a cmdlet fixes one. */
  readonly action?: string | undefined;
  readonly effect?: Effect | undefined;
  /** Parameter sets as lists of parameter names, the default first. A parameter in none belongs to all. */
  readonly sets?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Parameters that a set insists on, by set. */
  readonly mandatory?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Values that the name itself gives, such as `{ kind: 'ipps' }`. */
  readonly values?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** The parameter by which sessions are given as objects: from a pipe, or as JSON. */
  readonly input?: { readonly name: string; readonly position?: number | undefined } | undefined;
  readonly confirmImpact?: 'none' | 'low' | 'medium' | 'high' | undefined;
  /** What it prints for each session: the plugin's `record` of it, other properties, the word `True`, or (absent)
   *  nothing. A cmdlet that lists prints the plugin's `record` when absent. */
  readonly prints?: 'record' | 'true' | readonly RecordField[] | undefined;
}

/** One property of a session under the name that the system's own cmdlet prints. */
export interface RecordField {
  readonly name: string;
  /** Where its value is: a field of the session, such as `principal`, or `details.` and a key. */
  readonly from: string;
}

export interface Action {
  readonly summary: string;
  readonly parameters: ParameterTable;
}

/** What a package exports: a frozen value. Importing it does nothing; `create` is called when the provider is first used. */
export interface ProviderPlugin<
  C extends ParameterTable = ParameterTable,
  S extends ParameterTable = ParameterTable,
> {
  readonly contract: typeof CONTRACT;
  readonly id: string;
  readonly title: string;
  /** How much a disconnect usually disturbs; `high` asks even for one own session. */
  readonly impact: 'low' | 'medium' | 'high';
  readonly connect?: C | undefined;
  readonly find: S;
  /** What `disconnect` means when nothing is named: the default session, every own session, or (absent) a usage error. */
  readonly unnamed?: 'default' | 'all' | undefined;
  /** Milliseconds after which the system itself ends a session that nobody uses, however it is set up. */
  readonly idleLimit?: number | undefined;
  /** Why some sessions do not offer an effect that others do, and what to do instead: one clause for people. */
  readonly withheld?: Readonly<Partial<Record<Effect, string>>> | undefined;
  readonly cmdlets?: readonly Cmdlet[] | undefined;
  readonly actions?: Readonly<Record<string, Action>> | undefined;
  /** A session as the system's own cmdlet prints it, in that order. */
  readonly record?: readonly RecordField[] | undefined;
  create(host: Host): Provider<Values<C>, Values<S>> | Promise<Provider<Values<C>, Values<S>>>;
}

/** A plugin of any parameters, as core and apps hold it. */
// Method parameters are bivariant, so a provider of narrower values is a `Provider` of unknown ones.
export type AnyPlugin = Omit<ProviderPlugin, 'create'> & {
  create(host: Host): Provider | Promise<Provider>;
};

/** Freezes a plugin and lets TypeScript infer its values from its parameter tables. */
export function defineProvider<const C extends ParameterTable, const S extends ParameterTable>(
  plugin: ProviderPlugin<C, S>,
): ProviderPlugin<C, S> {
  return Object.freeze(plugin);
}

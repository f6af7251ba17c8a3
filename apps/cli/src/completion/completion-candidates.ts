import { plainText, type AnyPlugin, type Parameter, type Session } from '@slipline/core';
import type { FoundCmdlet } from '../cmdlets/find-cmdlet.ts';
import type { ParameterValues } from './cmdlet-candidates.ts';
import { GLOBAL_FLAGS, type Command } from '../command.ts';
import { COMMANDS, providerTable } from '../commands.ts';
import { flagsOf, providerFlags, type Flag } from '../arguments/flags.ts';

/** Where candidates come from. Each is asked only when it matters; none asks a system. */
export interface CompletionSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  providerIds(): Promise<readonly string[]>;
  plugin(id: string): Promise<AnyPlugin | undefined>;
  cmdlets(): Promise<readonly FoundCmdlet[]>;
  /** Own sessions in the ledger. */
  sessions(provider: string): Promise<readonly Session[]>;
  /** What `plugins remove` and `trust remove` take. */
  modules(): Promise<readonly string[]>;
  trustedHosts(): Promise<readonly string[]>;
}

export interface Candidate {
  readonly text: string;
  /** One line about it, for shells that show such. */
  readonly hint?: string | undefined;
}

export interface Candidates {
  readonly words: readonly Candidate[];
  /** The shell is to offer files as well. */
  readonly files: boolean;
}

const NOTHING: Candidates = { words: [], files: false };
const FILES: Candidates = { words: [], files: true };

/** What the last of the words, which may be empty, can become. The words are those behind the program's name. */
export async function candidatesFor(
  words: readonly string[],
  sources: CompletionSources,
): Promise<Candidates> {
  // In a shell's buffer a word may have an opening quote.
  const current = (words.at(-1) ?? '').replace(/^["']{1,2}/, '');
  const found = await offered(words.slice(0, -1), current, sources);
  const start = current.toLowerCase();
  const matching = found.words.filter(({ text }) => text.toLowerCase().startsWith(start));
  return { words: matching.map(clean), files: found.files };
}

async function offered(
  before: readonly string[],
  current: string,
  sources: CompletionSources,
): Promise<Candidates> {
  const globals = flagsOf(GLOBAL_FLAGS);
  const { positionals: first } = walk(before, globals);
  const [name] = first;
  if (name === 'help') return helpTopics(first, sources);
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? await COMMANDS[name]?.() : undefined;
  if (name !== undefined && command === undefined) return cmdlet(before, current, sources);
  const own = [...globals, ...flagsOf(command?.flags ?? {})];
  const [, provider] = walk(before, own).positionals;
  const plugin = await pluginOf(command, provider, sources);
  const added =
    command === undefined || plugin === undefined
      ? []
      : providerFlags(plugin.id, providerTable(command, plugin), own);
  const flags = [...own, ...added];
  const place = walk(before, flags);
  const scope: Scope = { plugin, positionals: place.positionals.slice(1), current, sources };
  if (place.isBehindFlags)
    return command?.name === 'lab' || command?.name === 'run' ? FILES : argument(command, scope);
  if (place.pending !== undefined) return valuesOf(place.pending, current, '', scope);
  const [, spelled = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(current) ?? [];
  const flag = flags.find((one) => one.name === spelled || one.aliases.includes(spelled));
  if (flag !== undefined) return valuesOf(flag, value, `--${spelled}=`, scope);
  if (current.startsWith('-')) return flagNames(flags.filter((one) => !isUsedUp(one, place.used)));
  return argument(command, scope);
}

/** Behind a word that is no command: it may be a cmdlet of a provider. */
async function cmdlet(
  before: readonly string[],
  current: string,
  sources: CompletionSources,
): Promise<Candidates> {
  const { cmdletCandidates } = await import('./cmdlet-candidates.ts');
  const values: ParameterValues = async ({ flag }, plugin) => {
    if (flag === undefined) return [];
    const scope: Scope = { plugin, positionals: [], current, sources };
    return flag.source === 'env' ? environmentNames(scope) : valuesOfParameter(flag.parameter, scope);
  };
  return (await cmdletCandidates(before, current, await sources.cmdlets(), values)) ?? NOTHING;
}

/** What is being completed, and where. */
interface Scope {
  readonly plugin: AnyPlugin | undefined;
  /** Behind the command's name. */
  readonly positionals: readonly string[];
  readonly current: string;
  readonly sources: CompletionSources;
}

interface Place {
  readonly positionals: readonly string[];
  readonly used: ReadonlySet<Flag>;
  /** The flag whose value comes next. */
  readonly pending?: Flag | undefined;
  readonly isBehindFlags: boolean;
}

/** Reads a command line that is not finished, and that may never make sense. */
function walk(words: readonly string[], flags: readonly Flag[]): Place {
  const positionals: string[] = [];
  const used = new Set<Flag>();
  let pending: Flag | undefined;
  for (const [index, word] of words.entries()) {
    if (pending !== undefined) {
      pending = undefined;
      continue;
    }
    if (word === '--')
      return { positionals: [...positionals, ...words.slice(index + 1)], used, isBehindFlags: true };
    if (!/^-./.test(word)) {
      positionals.push(word);
      continue;
    }
    const [spelled = ''] = word.replace(/^--?/, '').split('=');
    const flag = flags.find((one) =>
      word.startsWith('--') ? one.name === spelled || one.aliases.includes(spelled) : one.short === spelled,
    );
    if (flag === undefined) continue;
    used.add(flag);
    if (flag.takesValue && !word.includes('=')) pending = flag;
  }
  return { positionals, used, pending, isBehindFlags: false };
}

function isUsedUp(flag: Flag, used: ReadonlySet<Flag>): boolean {
  return used.has(flag) && flag.parameter.many !== true;
}

async function commandNames(): Promise<readonly Candidate[]> {
  const names: Candidate[] = [];
  for (const load of Object.values(COMMANDS)) {
    const { name, summary } = await load();
    names.push({ text: name, hint: summary });
  }
  return names;
}

async function helpTopics(words: readonly string[], sources: CompletionSources): Promise<Candidates> {
  if (words.length === 1) return only(await commandNames());
  return words.length === 2 ? texts(await sources.providerIds()) : NOTHING;
}

async function pluginOf(
  command: Command | undefined,
  word: string | undefined,
  sources: CompletionSources,
): Promise<AnyPlugin | undefined> {
  const id = word?.split(':')[0];
  return command?.provider === undefined || id === undefined || id === '-' ? undefined : sources.plugin(id);
}

function flagNames(flags: readonly Flag[]): Candidates {
  return only(flags.map(({ name, parameter }) => ({ text: `--${name}`, hint: parameter.summary })));
}

async function argument(command: Command | undefined, scope: Scope): Promise<Candidates> {
  if (command === undefined)
    return only([
      ...(await commandNames()),
      { text: 'help', hint: 'say more about a command' },
      ...(await cmdletsFor(scope)),
    ]);
  if (command.provider !== undefined) return argumentOfProvider(command, scope);
  const { positionals, sources } = scope;
  if (positionals.length === 0 && command.words !== undefined) return texts(command.words);
  switch ([command.name, ...positionals.slice(0, 1)].join(' ')) {
    case 'trust remove':
      return texts(await sources.trustedHosts());
    case 'plugins remove':
      return positionals.length === 1 ? texts(await sources.modules()) : NOTHING;
    case 'plugins add':
    case 'apply':
      return FILES;
    case 'history':
    case 'cleanup':
      return texts(await sources.providerIds());
    case 'run':
    case 'lab':
      return only([{ text: '--', hint: 'a program to run in it' }]);
    default:
      return NOTHING;
  }
}

/** The cmdlets, whose plugins are loaded only where one is being typed. */
async function cmdletsFor({ current, sources }: Scope): Promise<readonly Candidate[]> {
  if (current === '') return [];
  const { beginsCmdlet, cmdletNames } = await import('./cmdlet-candidates.ts');
  return beginsCmdlet(current) ? cmdletNames(await sources.cmdlets()) : [];
}

async function argumentOfProvider(command: Command, scope: Scope): Promise<Candidates> {
  const { plugin, positionals } = scope;
  if (positionals.length === 0) return providersAnd(command, scope);
  const table = Object.values(plugin === undefined ? {} : providerTable(command, plugin));
  const places = table.filter(({ position }) => position !== undefined);
  const place = positionals.length - 1;
  const parameter =
    places.find(({ position }) => position === place) ?? places.find(({ many }) => many === true);
  return parameter === undefined ? NOTHING : only(await valuesOfParameter(parameter, scope));
}

/** `hpe-oneview`, or `hpe-oneview:1` once there is a colon. */
async function providersAnd(command: Command, { current, sources }: Scope): Promise<Candidates> {
  const [, id] = /^([a-z][a-z0-9-]*):/.exec(current) ?? [];
  if (id === undefined) return texts(await sources.providerIds());
  if (command.provider === 'connect') return NOTHING;
  const sessions = await sources.sessions(id);
  return only(sessions.map((session) => ({ text: `${id}:${session.id}`, hint: session.label })));
}

async function valuesOf(flag: Flag, typed: string, prefix: string, scope: Scope): Promise<Candidates> {
  const { parameter, source } = flag;
  if (parameter.format === 'path' || source === 'file') return FILES;
  // Of several values the last one is being typed.
  const earlier = parameter.many === true ? typed.slice(0, typed.lastIndexOf(',') + 1) : '';
  const values = source === 'env' ? environmentNames(scope) : await valuesOfParameter(parameter, scope);
  return only(values.map(({ text, hint }) => ({ text: `${prefix}${earlier}${text}`, hint })));
}

function environmentNames({ sources }: Scope): readonly Candidate[] {
  return Object.keys(sources.environment).map((text) => ({ text }));
}

async function valuesOfParameter(
  parameter: Parameter,
  { plugin, sources }: Scope,
): Promise<readonly Candidate[]> {
  if (parameter.choices !== undefined) return parameter.choices.map((text) => ({ text }));
  // By convention help shows PROVIDER where an id is wanted.
  if (parameter.placeholder === 'PROVIDER') return (await sources.providerIds()).map((text) => ({ text }));
  if (plugin === undefined || (parameter.names !== true && parameter.endpoint !== true)) return [];
  const sessions = await sources.sessions(plugin.id);
  const said = detailsFor(parameter, plugin, sessions);
  if (said.length > 0 && parameter.position === undefined) return said;
  const ids = parameter.names === true ? sessions.map(({ id, label }) => ({ text: id, hint: label })) : [];
  const endpoints = [...new Set(sessions.map(({ endpoint }) => endpoint))].map((text) => ({ text }));
  const pattern = new RegExp(`^(?:${parameter.pattern ?? '.*'})$`, 'su');
  return [...ids, ...endpoints].filter(({ text }) => pattern.test(text));
}

/** What sessions say under the name of a parameter, such as the prefix they were opened with. */
function detailsFor(
  parameter: Parameter,
  { find }: AnyPlugin,
  sessions: readonly Session[],
): readonly Candidate[] {
  const name = Object.keys(find).find((key) => find[key] === parameter) ?? '';
  return sessions.flatMap(({ details: { [name]: text }, label }) =>
    typeof text === 'string' ? [{ text, hint: label }] : [],
  );
}

function texts(words: readonly string[]): Candidates {
  return only(words.map((text) => ({ text })));
}

function only(words: readonly Candidate[]): Candidates {
  return { words, files: false };
}

/** Names come from systems: nothing in them may reach the terminal as more than text. */
function clean({ text, hint }: Candidate): Candidate {
  return { text: plainText(text, 300), ...(hint !== undefined && { hint: plainText(hint, 80) }) };
}

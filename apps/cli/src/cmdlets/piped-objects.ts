import {
  DisconnectError,
  plainText,
  recordOf,
  sessionKey,
  type AnyPlugin,
  type JsonObject,
  type JsonValue,
  type ParameterTable,
  type Session,
  type SessionRef,
  type Slipline,
} from '@slipline/core';
import { ownParameters } from './cmdlet-parameter.ts';
import { tableOf, type CmdletLine } from './cmdlet-line.ts';

/** What one object from a pipe stands for: a session, or values for the cmdlet's parameters. */
export type PipedInput =
  | { readonly ref: SessionRef & { readonly fingerprint?: string } }
  | { readonly values: Readonly<Record<string, unknown>> };

/**
 * Takes objects for sessions as PowerShell's pipeline does: by value (what Slipline, or a cmdlet's own record, says of a
 * session), else by property name, in the first parameter set that has all it insists on.
 */
export async function pipedInputs(
  line: CmdletLine,
  objects: readonly unknown[],
  slipline: Slipline,
): Promise<readonly PipedInput[]> {
  const { plugin } = line;
  const areRecords = objects.some((object) => isObject(object) && !isReference(object));
  const own = areRecords ? (await slipline.sessions({ provider: plugin.id })).sessions : [];
  return objects.map((object) => {
    if (!isObject(object)) return byPosition(line, object);
    if (isReference(object)) {
      if (object.provider !== plugin.id) throw ofAnother(line, object.provider);
      return { ref: object };
    }
    const input =
      recordRef(plugin, object) ??
      recordedRef(plugin, object, own) ??
      byPropertyName(line, object) ??
      ownRef(plugin, object, own);
    if (input === undefined) throw unusable(line, object);
    return input;
  });
}

type Selector = Readonly<Record<string, unknown>>;

/** Piped inputs without repetition, sorted by what they are. */
export function sorted(
  inputs: readonly PipedInput[],
  table: ParameterTable,
): { readonly refs: readonly SessionRef[]; readonly selectors: readonly Selector[] } {
  const refs = new Map(inputs.flatMap((one) => ('ref' in one ? [[sessionKey(one.ref), one.ref]] : [])));
  const selectors = inputs.flatMap((one) => ('values' in one ? [one.values] : []));
  return { refs: [...refs.values()], selectors: gathered(selectors, table) };
}

/** Selectors that differ only in which sessions they name, as one: a system is asked once for all of them. */
function gathered(selectors: readonly Selector[], table: ParameterTable): readonly Selector[] {
  const groups = new Map<
    string,
    { readonly rest: Selector; readonly name: string; readonly ids: Set<unknown> }
  >();
  const others = new Map<string, Selector>();
  for (const selector of selectors) {
    const name = Object.keys(selector).find((key) => table[key]?.names === true && table[key].many === true);
    if (name === undefined) {
      others.set(JSON.stringify(selector), selector);
      continue;
    }
    const { [name]: ids, ...rest } = selector;
    const key = JSON.stringify([name, rest]);
    const group = groups.get(key) ?? { rest, name, ids: new Set() };
    groups.set(key, group);
    for (const id of [ids].flat()) group.ids.add(id);
  }
  const merged = [...groups.values()].map(({ rest, name, ids }) => ({ ...rest, [name]: [...ids] }));
  return [...others.values(), ...merged];
}

/** How a session is named by parameters, for a cmdlet that looks at it again. */
export function selectorOf({ endpoint, id }: SessionRef, table: ParameterTable): Selector {
  const entries = Object.entries(table);
  const place = entries.find(([, parameter]) => parameter.endpoint === true)?.[0];
  const name = entries.find(([, parameter]) => parameter.names === true)?.[0];
  return { ...(place !== undefined && { [place]: endpoint }), ...(name !== undefined && { [name]: id }) };
}

/** A text, such as a computer's name, is what the first parameter with a position takes. */
function byPosition(line: CmdletLine, value: unknown): PipedInput {
  const parameter = ownParameters(line.cmdlet, tableOf(line)).find(
    ({ position, flag }) => position === 0 && flag !== undefined,
  );
  const isText = typeof value === 'string' || typeof value === 'number';
  if (parameter === undefined || !isText) throw unusable(line, value);
  return { values: { [parameter.key]: parameter.isMany ? [String(value)] : String(value) } };
}

/** A session as `slipline ls -o json` prints it. */
function isReference(object: unknown): object is SessionRef & JsonObject {
  return isObject(object) && ['provider', 'endpoint', 'id'].every((name) => typeof object[name] === 'string');
}

/** A session by the id and the endpoint in its cmdlet's own record. */
function recordRef(plugin: AnyPlugin, object: JsonObject): PipedInput | undefined {
  const id = recorded(plugin, object, 'id');
  const endpoint = recorded(plugin, object, 'endpoint');
  return id === undefined || endpoint === undefined
    ? undefined
    : { ref: { provider: plugin.id, endpoint, id } };
}

/** An own session whose record has no id: the one of which the cmdlets print just this. */
function recordedRef(
  { record = [] }: AnyPlugin,
  object: JsonObject,
  own: readonly Session[],
): PipedInput | undefined {
  if (record.length === 0 || record.some(({ name }) => property(object, name) === undefined))
    return undefined;
  const said = JSON.stringify(record.map(({ name }) => property(object, name)));
  const [one, ...others] = own.filter(
    (session) => JSON.stringify(Object.values(recordOf(record, session))) === said,
  );
  return one === undefined || others.length > 0 ? undefined : { ref: refOf(one) };
}

/** An own session, whose id is enough. */
function ownRef(plugin: AnyPlugin, object: JsonObject, own: readonly Session[]): PipedInput | undefined {
  const id = recorded(plugin, object, 'id');
  const one = own.find((session) => session.id === id);
  return one && { ref: refOf(one) };
}

function refOf({
  provider,
  endpoint,
  id,
  fingerprint,
}: Session): SessionRef & { readonly fingerprint: string } {
  return { provider, endpoint, id, fingerprint };
}

function recorded({ record = [] }: AnyPlugin, object: JsonObject, from: string): string | undefined {
  const name = record.find((field) => field.from === from)?.name;
  const value = name === undefined ? undefined : property(object, name);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function byPropertyName(line: CmdletLine, object: JsonObject): PipedInput | undefined {
  const { cmdlet } = line;
  const parameters = ownParameters(cmdlet, tableOf(line)).filter(
    ({ flag }) => flag !== undefined && flag.source === undefined,
  );
  const found = new Map(
    parameters.flatMap(({ key, name, aliases }) => {
      const value = [name, ...aliases]
        .map((one) => property(object, one))
        .find((one) => one !== undefined && one !== null);
      return value === undefined ? [] : [[key, value] as const];
    }),
  );
  const sets = Object.entries(cmdlet.sets ?? { Default: parameters.map(({ key }) => key) });
  for (const [set, names] of sets) {
    const mandatory = cmdlet.mandatory?.[set] ?? [];
    const values = names.flatMap((name) => (found.has(name) ? [[name, found.get(name)] as const] : []));
    if (values.length > 0 && mandatory.every((name) => found.has(name)))
      return { values: Object.fromEntries(values) };
  }
  return undefined;
}

/** A property in any case, as PowerShell finds it. */
function property(object: JsonObject, name: string): JsonValue | undefined {
  const key = Object.keys(object).find((one) => one.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : object[key];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A cmdlet ends what it is called after, and nothing else that happens to be in the pipe. */
function ofAnother({ cmdlet, plugin }: CmdletLine, provider: string): DisconnectError {
  return new DisconnectError(
    'invalid-request',
    `${cmdlet.name} is for ${plugin.title}, not for a session of "${plainText(provider, 80)}"`,
    {
      next: `pipe "slipline ls ${plugin.id} -o jsonl", or use "slipline disconnect -" for sessions of any kind`,
    },
  );
}

function unusable({ cmdlet }: CmdletLine, object: unknown): DisconnectError {
  const seen = isObject(object)
    ? `an object with ${Object.keys(object).slice(0, 8).join(', ') || 'no properties'}`
    : 'what is no object';
  return new DisconnectError('invalid-request', `${cmdlet.name} can do nothing with ${seen}`, {
    next: 'give it what a Get- cmdlet or "slipline ls" prints with -o jsonl',
  });
}

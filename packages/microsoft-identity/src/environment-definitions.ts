import { defineEnvironment, findEnvironment, type Environment } from './environments.ts';
import { IdentityError } from './errors.ts';
import { isObject } from './json.ts';

const MOST = 100;
const LONGEST = 64 * 1024;
const TEXTS = ['name', 'login', 'graph', 'exchange', 'compliance', 'protocolMode'];
const LISTS = ['aliases', 'loginAliases', 'hostSuffixes'];

/**
 * Environments of one's own as a configuration file writes them: a list of objects like `EnvironmentDefinition`, but that
 * `basedOn` is a name, of a cloud or of one further up in the list. Throws `invalid-settings`.
 */
export function environmentsFrom(definitions: unknown): readonly Environment[] {
  if (!Array.isArray(definitions) || definitions.length > MOST)
    throw invalid('are not a list, or too many', `give a list of at most ${MOST}`);
  return definitions.reduce<readonly Environment[]>(
    (known, definition) => [...known, environmentFrom(definition, known)],
    [],
  );
}

/** The same, as JSON in one text. */
export function environmentsFromText(text: string): readonly Environment[] {
  if (text.length > LONGEST) throw invalid('are too long', `give at most ${LONGEST} characters`);
  let definitions: unknown;
  try {
    definitions = JSON.parse(text);
  } catch {
    throw invalid('are not JSON', 'write [{"name": …, "login": "https://…", "graph": "https://…"}]');
  }
  return environmentsFrom(definitions);
}

function environmentFrom(value: unknown, known: readonly Environment[]): Environment {
  if (!isObject(value)) throw invalid('hold something else than objects', 'give one object for each');
  const { basedOn, ...definition } = value;
  for (const [key, part] of Object.entries(definition)) {
    const isGood = TEXTS.includes(key)
      ? typeof part === 'string'
      : LISTS.includes(key) && Array.isArray(part) && part.every((one) => typeof one === 'string');
    if (!isGood) throw invalid('hold a field that is unknown or of a wrong kind', `use ${fields()}`);
  }
  const { protocolMode } = definition;
  if (protocolMode !== undefined && protocolMode !== 'AAD' && protocolMode !== 'OIDC')
    throw invalid('hold an unknown protocolMode', 'it is AAD or OIDC');
  if (basedOn !== undefined && typeof basedOn !== 'string')
    throw invalid('are based on something without a name', 'name an environment');
  const base = basedOn === undefined ? undefined : findEnvironment(basedOn, known);
  return defineEnvironment({ name: '', ...definition, basedOn: base });
}

function fields(): string {
  return [...TEXTS, ...LISTS, 'basedOn'].join(', ');
}

function invalid(what: string, next: string): IdentityError {
  return new IdentityError('invalid-settings', `the environments that are defined ${what}`, { next });
}

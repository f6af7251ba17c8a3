export type JsonObject = Readonly<Record<string, unknown>>;

export interface JsonLimits {
  /** Characters. */
  readonly length: number;
  /** Objects and lists inside one another. */
  readonly depth: number;
}

/** The object that a text holds; `undefined` where it is too long, too deep, not JSON, or something else than an object. */
export function parseObject(text: string, { length, depth }: JsonLimits): JsonObject | undefined {
  if (text.length > length || depthOf(text) > depth) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Looked at before parsing, since a parser that recurses would not survive what it finds. */
function depthOf(text: string): number {
  let [depth, deepest, isInString] = [0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, (depth += 1));
    else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest;
}

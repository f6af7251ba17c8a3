/** One scheme that a server offers (RFC 9110 §11.6.1). */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** What follows the scheme where it is base64, as Negotiate has it. */
  readonly token: string | undefined;
  /** By their names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

const LONGEST = 256 * 1024;
const MOST = 32;
const NAME = String.raw`[!#$%&'*+\-.^_\`|~0-9A-Za-z]+`;
const SCHEME = new RegExp(String.raw`[\s,]*(${NAME})(?=[\s,]|$)`, 'y');
const PARAMETER = new RegExp(
  String.raw`[\s,]*(${NAME})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|(${NAME}))(?=[\s,]|$)`,
  'y',
);
const TOKEN = /[ \t]+([A-Za-z0-9\-._~+/]+=*)(?=[ \t]*(?:,|$))/y;

/** What the values of WWW-Authenticate offer, as far as it can be read. Never throws. */
export function readChallenges(lines: readonly string[]): readonly Challenge[] {
  return lines.slice(0, MOST).flatMap((line) => (line.length > LONGEST ? [] : readLine(line)));
}

function readLine(line: string): readonly Challenge[] {
  const challenges: Challenge[] = [];
  let place = 0;
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = place;
    const found = pattern.exec(line);
    if (found !== null) place = pattern.lastIndex;
    return found;
  };
  while (challenges.length < MOST) {
    const scheme = next(SCHEME)?.[1];
    if (scheme === undefined) break;
    const token = next(TOKEN)?.[1];
    const parameters: [string, string][] = [];
    for (let found = next(PARAMETER); found !== null; found = next(PARAMETER)) {
      const [, name = '', quoted, plain = ''] = found;
      parameters.push([name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain]);
    }
    challenges.push({ scheme: scheme.toLowerCase(), token, parameters: Object.fromEntries(parameters) });
  }
  return challenges;
}

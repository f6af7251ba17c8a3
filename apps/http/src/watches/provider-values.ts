import {
  DisconnectError,
  givenCredential,
  Secret,
  type Credential,
  type Parameter,
  type ParameterTable,
} from '@slipline/core';

export type PlainValues = Readonly<Record<string, unknown>>;

/** Values from outside, in which those of `secret` parameters are plain texts, as providers take them. Throws `forbidden` for
 *  the name of a file: it would be one of this machine's, for somebody who is elsewhere. */
export function withSecrets(table: ParameterTable, values: PlainValues): PlainValues {
  const sealed = (value: unknown): unknown => (typeof value === 'string' ? new Secret(value) : value);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (Object.hasOwn(table, name) && namesFile(table[name])) throw ofThisMachine(name);
      const isSecret = Object.hasOwn(table, name) && table[name]?.type === 'secret';
      return [name, !isSecret ? value : Array.isArray(value) ? value.map(sealed) : sealed(value)];
    }),
  );
}

/** The systems that values name; none where they leave that to the provider. */
export function endpointsIn(table: ParameterTable, values: PlainValues): readonly string[] {
  return Object.entries(table)
    .filter(([name, parameter]) => parameter.endpoint === true && values[name] !== undefined)
    .flatMap(([name]) => [values[name]].flat())
    .filter((value): value is string => typeof value === 'string');
}

/** The credential that values hold, if they hold a whole one. */
export function credentialIn(table: ParameterTable, values: PlainValues): Credential | undefined {
  const { userName, password } = givenCredential(table, values);
  return userName === undefined || password === undefined ? undefined : { userName, password };
}

/** Whether the value of this parameter is the path of a file. */
export function namesFile(parameter: Parameter | undefined): boolean {
  return parameter?.format === 'path';
}

function ofThisMachine(name: string): DisconnectError {
  return new DisconnectError(
    'forbidden',
    `${name} names a file, and files of the service are not for its callers`,
    {
      next: `leave ${name} out, or connect on the machine of the service: slipline connect`,
    },
  );
}

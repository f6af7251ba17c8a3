import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
const setenv = libc.func('int setenv(const char *name, const char *value, int overwrite)') as (
  name: string,
  value: string,
  overwrite: number,
) => number;

/** Sets variables where C libraries of this process look: jest gives tests a copy of the environment. */
export function setEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) setenv(name, value, 1);
}

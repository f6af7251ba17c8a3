const STEPS: readonly (readonly [unit: string, milliseconds: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
];

/** How long ago, in one number: `3 d`, `2 h`, `5 m`, `now`; the text itself where it is no time. */
export function ageText(time: string | undefined, now = Date.now()): string {
  if (time === undefined || time === '') return '';
  const age = now - Date.parse(time);
  if (Number.isNaN(age)) return time;
  const [unit, step] = STEPS.find(([, milliseconds]) => age >= milliseconds) ?? [];
  return unit === undefined || step === undefined ? 'now' : `${Math.floor(age / step)} ${unit}`;
}

const DURATION =
  /^(-?)P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,12}(?:\.\d{1,9})?)S)?)?$/;

/** Seconds in an `xs:duration`, as in `P0DT0H0M9S` and `PT7200.000S`; `undefined` for anything else, months included. */
export function secondsOf(text: string | undefined): number | undefined {
  const parts = text === undefined ? null : DURATION.exec(text);
  if (parts === null || parts.slice(2).every((part) => part === undefined)) return undefined;
  const [years, months, days, hours, minutes, seconds] = parts.slice(2).map((part) => Number(part ?? 0));
  // How long they are depends on when they begin.
  if (parts[1] === '-' || years! > 0 || months! > 0) return undefined;
  return ((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!;
}

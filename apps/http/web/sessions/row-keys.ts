const PAGE = 10;

/** Which row a key goes to; nothing for a key that goes nowhere. */
export function nextRow(key: string, index: number, total: number): number | undefined {
  const last = total - 1;
  const target: Readonly<Record<string, number>> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + PAGE,
    PageUp: index - PAGE,
    Home: 0,
    End: last,
  };
  const to = Object.hasOwn(target, key) ? target[key] : undefined;
  return to === undefined || last < 0 ? undefined : Math.min(last, Math.max(0, to));
}

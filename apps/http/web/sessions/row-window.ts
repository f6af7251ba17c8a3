/** A run of rows that are there only as height, or one that is drawn. */
export type Segment =
  | { readonly kind: 'gap'; readonly from: number; readonly rows: number }
  | { readonly kind: 'row'; readonly index: number };

interface View {
  /** Pixels by which the first row is above the upper edge; negative where it is below. */
  readonly above: number;
  readonly height: number;
  readonly rowHeight: number;
}

/** Rows drawn beyond either edge, so that the next one is there before it is scrolled or stepped to. */
const SPARE = 12;

/** Which rows of a long table are drawn: those in view, and one that has the focus wherever it is. */
export function segments(
  total: number,
  { above, height, rowHeight }: View,
  pinned?: number,
): readonly Segment[] {
  const clamp = (index: number): number => Math.min(total, Math.max(0, index));
  const first = clamp(Math.floor(above / rowHeight) - SPARE);
  const end = Math.max(first, clamp(Math.ceil((above + height) / rowHeight) + SPARE));
  const drawn = Array.from({ length: end - first }, (_, offset) => first + offset);
  if (pinned !== undefined && pinned >= 0 && pinned < total && (pinned < first || pinned >= end)) {
    if (pinned < first) drawn.unshift(pinned);
    else drawn.push(pinned);
  }
  const found: Segment[] = [];
  let next = 0;
  for (const index of drawn) {
    if (index > next) found.push({ kind: 'gap', from: next, rows: index - next });
    found.push({ kind: 'row', index });
    next = index + 1;
  }
  if (next < total) found.push({ kind: 'gap', from: next, rows: total - next });
  return found;
}

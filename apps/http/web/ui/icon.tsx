import type { JSX } from 'preact';

const PATHS = {
  check: 'M3 8.5l3.2 3.2L13 4.8',
  cross: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  close: 'M4 4l8 8M12 4l-8 8',
  skip: 'M4 8h8',
  dot: 'M8 7.99V8',
  clock: 'M8 4.5V8l2.4 1.6M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z',
  warn: 'M8 6.2v3M8 11.6v.01M8 2.2l6.3 11.3H1.7z',
  up: 'M8 12.5v-9M4.5 7L8 3.5 11.5 7',
  down: 'M8 3.5v9M4.5 9L8 12.5 11.5 9',
  plus: 'M8 3v10M3 8h10',
  detached: 'M6 8H2.5M13.5 8H10M6 5v6M10 5v6',
  unknown: 'M5.8 6a2.2 2.2 0 1 1 3.4 1.9c-.8.5-1.2.9-1.2 1.8M8 12.2v.01',
} as const;

export type IconName = keyof typeof PATHS;

/** Beside words, never instead of them. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg
      class={`icon icon-${name}`}
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-width={name === 'dot' ? '6' : '1.7'}
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

import type { ResolveRule } from '@slipline/core';

export const FORMATS = ['table', 'json', 'jsonl', 'csv', 'none'] as const;
export type Format = (typeof FORMATS)[number];

/** What flags, environment variables and config.json say together, in this order. */
export interface Settings {
  readonly output: Format;
  readonly resolve: readonly ResolveRule[];
  /** PEM files of CAs that are trusted as well. */
  readonly caFiles: readonly string[];
  /** Milliseconds for one system. */
  readonly timeout?: number | undefined;
}

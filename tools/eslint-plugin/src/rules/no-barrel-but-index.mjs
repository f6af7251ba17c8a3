import { basename } from 'node:path';
import { rule } from '../rule.mjs';

export const noBarrelButIndex = rule(
  'Export what this file declares; only index.ts passes on what other files export.',
  (report, { filename }) => {
    if (basename(filename) === 'index.ts') return {};
    return {
      ExportAllDeclaration: (node) => report(node),
      // Naming what is used of a foreign package is no barrel: it is the one door to it.
      ExportNamedDeclaration: (node) => node.source?.value.startsWith('.') && report(node),
    };
  },
);

import { basename } from 'node:path';
import { rule } from '../rule.mjs';

export const noBarrelButIndex = rule(
  'Export what this file declares; only index.ts passes on what other files export.',
  (report, { filename }) => {
    if (basename(filename) === 'index.ts') return {};
    return {
      ExportAllDeclaration: (node) => report(node),
      ExportNamedDeclaration: (node) => node.source && report(node),
    };
  },
);

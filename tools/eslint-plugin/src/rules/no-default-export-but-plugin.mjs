import { basename } from 'node:path';
import { rule } from '../rule.mjs';

const exportedName = ({ exported }) => exported.name ?? exported.value;

export const noDefaultExportButPlugin = rule(
  "Export by name; only a provider's index.ts has a default export, written `export { wsman, wsman as default }`.",
  (report, { filename }) => ({
    ExportDefaultDeclaration: (node) => report(node),
    ExportSpecifier(node) {
      if (exportedName(node) === 'default' && basename(filename) !== 'index.ts') report(node);
    },
  }),
);

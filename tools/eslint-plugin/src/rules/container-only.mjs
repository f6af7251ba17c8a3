import { rule } from '../rule.mjs';

const INJECTION = /^(tsyringe|reflect-metadata)(\/|$)/;
const CONTAINER = /[\\/]packages[\\/]core[\\/]src[\\/]container[\\/]/;

export const containerOnly = rule(
  'Import inject and injectable from @slipline/core/container: only packages/core/src/container/ knows {{name}}.',
  (report, { filename }) => {
    if (CONTAINER.test(filename)) return {};
    const check = (node) => {
      if (INJECTION.test(node.source?.value)) report(node, { name: node.source.value });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportAllDeclaration: check,
      ExportNamedDeclaration: check,
    };
  },
);

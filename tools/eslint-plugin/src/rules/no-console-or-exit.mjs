import { rule } from '../rule.mjs';

const EXITS = ['exit', 'exitCode', 'abort', 'reallyExit'];

export const noConsoleOrExit = rule(
  'Libraries neither print nor end the process: throw a DisconnectError or use the logger, and leave the rest to apps/.',
  (report, { sourceCode }) => {
    const isGlobal = (node, name) => {
      if (node.type !== 'Identifier' || node.name !== name) return false;
      const reference = sourceCode.getScope(node).references.find(({ identifier }) => identifier === node);
      return !reference?.resolved?.defs.length;
    };
    return {
      MemberExpression(node) {
        const name = node.property.name ?? node.property.value;
        const isExit = isGlobal(node.object, 'process') && EXITS.includes(name);
        if (isGlobal(node.object, 'console') || isExit) report(node);
      },
      'ImportDeclaration[source.value=/^(node:)?(console|process)$/]': (node) => report(node),
    };
  },
);

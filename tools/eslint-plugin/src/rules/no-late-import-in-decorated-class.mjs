import { rule } from '../rule.mjs';

const SOURCE = /^\.{1,2}\/.*\.[cm]?tsx?$/;

/** What tsc leaves as it is would be looked for in dist, where no such file is: jest and the bundle never notice. */
export const noLateImportInDecoratedClass = rule(
  'Write the import() of {{path}} in a function outside the class: within a decorated class tsc does not rewrite its path.',
  (report) => ({
    ':matches(ClassDeclaration, ClassExpression):has(Decorator) ImportExpression'(node) {
      const path = node.source.value;
      if (SOURCE.test(path)) report(node, { path });
    },
  }),
);

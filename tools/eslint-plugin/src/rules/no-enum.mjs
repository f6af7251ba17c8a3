import { rule } from '../rule.mjs';

export const noEnum = rule(
  'Write a union of strings instead of an enum; where the values are needed at run time, `const NAMES = [...] as const`.',
  (report) => ({ TSEnumDeclaration: (node) => report(node) }),
);

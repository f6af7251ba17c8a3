import { rule } from '../rule.mjs';

const TEST = /^[xf]?(it|test|describe)$/;

const called = (callee) => {
  if (callee.type === 'MemberExpression') return [...called(callee.object), callee.property.name];
  return callee.type === 'Identifier' ? [callee.name] : [];
};

export const noIdleTest = rule(
  'Let every test run: no skip, only or todo. Where a test does not apply, decide it in code and say why.',
  (report) => ({
    CallExpression(node) {
      const [name, ...modifiers] = called(node.callee);
      if (!TEST.test(name)) return;
      if (/^[xf]/.test(name) || modifiers.some((modifier) => ['skip', 'only', 'todo'].includes(modifier)))
        report(node);
    },
  }),
);

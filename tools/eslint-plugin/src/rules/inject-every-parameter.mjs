import { decoratorName, rule } from '../rule.mjs';

const has = (node, name) => (node.decorators ?? []).some((decorator) => decoratorName(decorator) === name);

/** Decorator metadata is off, so a parameter that does not name its token is one that nobody can provide. */
export const injectEveryParameter = rule(
  'Write @inject(TOKEN) on every constructor parameter of an @injectable class: decorator metadata is off.',
  (report) => ({
    "MethodDefinition[kind='constructor']"(constructor) {
      if (!has(constructor.parent.parent, 'injectable')) return;
      for (const parameter of constructor.value.params) if (!has(parameter, 'inject')) report(parameter);
    },
  }),
);

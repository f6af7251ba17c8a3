import { rule } from '../rule.mjs';

const isConstructor = (node) => node.kind === 'constructor';

/** A private constructor has no spelling with `#`. */
export const privateFields = rule(
  'Write #{{name}} instead of `private {{name}}`: private at run time too, and never printed or serialised.',
  (report) => {
    const check = (node) => {
      if (node.accessibility !== 'private' || isConstructor(node)) return;
      const { name = 'name' } = node.key ?? node.parameter?.left ?? node.parameter ?? {};
      report(node, { name });
    };
    return {
      PropertyDefinition: check,
      AccessorProperty: check,
      MethodDefinition: check,
      TSParameterProperty: check,
    };
  },
);

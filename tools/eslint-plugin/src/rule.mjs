/** A rule with one message and no options, from what it visits. `report` takes a node and the values of the message. */
export function rule(message, visitor) {
  return {
    meta: { type: 'problem', schema: [], messages: { breach: message } },
    create: (context) =>
      visitor((node, data) => context.report({ node, messageId: 'breach', data }), context),
  };
}

/** The name that a decorator is called by, as in `@inject(LOG)`, or undefined. */
export function decoratorName({ expression }) {
  const callee = expression.type === 'CallExpression' ? expression.callee : expression;
  return callee.type === 'Identifier' ? callee.name : undefined;
}

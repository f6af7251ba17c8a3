const SHORT = {
  msg: 'message',
  req: 'request',
  res: 'response or result',
  cfg: 'configuration or settings',
  opts: 'options',
};
const EMPTY = /(Impl|Manager|Helper|Utils?)$/;
const HUNGARIAN = /^I[A-Z][a-z]/;

/** Names of specifications keep their spelling: IPv4 and IPv6, and constants such as AP_REQ. */
const isWireName = (name) => /^IPv[46]/.test(name) || /^[A-Z0-9_]+$/.test(name);

const words = (name) => name.split(/[^A-Za-z]+|(?<=[a-z0-9])(?=[A-Z])/).map((word) => word.toLowerCase());

export const houseWords = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      short: 'Write {{word}} out in `{{name}}`: {{instead}}.',
      empty: 'Say in `{{name}}` what it knows or does: {{ending}} says nothing.',
      hungarian: 'Call `{{name}}` what it is, without the I.',
    },
  },
  create(context) {
    const report = (node, messageId, data) =>
      context.report({ node, messageId, data: { name: node.name, ...data } });

    const checkWords = (node) => {
      if (node?.type !== 'Identifier' && node?.type !== 'PrivateIdentifier') return;
      if (isWireName(node.name)) return;
      const word = words(node.name).find((part) => Object.hasOwn(SHORT, part));
      if (word !== undefined) report(node, 'short', { word, instead: SHORT[word] });
    };
    const checkType = ({ id }) => {
      if (!id || isWireName(id.name)) return;
      const [, ending] = EMPTY.exec(id.name) ?? [];
      if (ending) report(id, 'empty', { ending });
      if (HUNGARIAN.test(id.name)) report(id, 'hungarian');
    };
    const checkNames = (node) => {
      for (const variable of context.sourceCode.getDeclaredVariables(node)) {
        const declared = variable.defs.filter((definition) => definition.node === node);
        for (const { name } of declared) checkWords(name);
      }
    };
    const checkKey = (node) => checkWords(node.computed ? undefined : node.key);
    return {
      VariableDeclarator: checkNames,
      ':function': checkNames,
      CatchClause: checkNames,
      'ImportSpecifier, ImportDefaultSpecifier, ImportNamespaceSpecifier': checkNames,
      'ClassDeclaration, TSInterfaceDeclaration, TSTypeAliasDeclaration'(node) {
        checkType(node);
        checkWords(node.id);
      },
      // Not the properties of types: those may be the names of a wire format.
      'PropertyDefinition, MethodDefinition, TSMethodSignature': checkKey,
      'TSFunctionType, TSMethodSignature, TSEmptyBodyFunctionExpression': (node) =>
        node.params.forEach((parameter) => checkWords(parameter)),
    };
  },
};

const LIMIT = 300;

/** As `wc -l` counts: comments and empty lines too. */
export const fileLength = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { breach: `{{lines}} lines: past ${LIMIT} a file has two ideas in it. Split it.` },
  },
  create: (context) => ({
    Program() {
      const lines = context.sourceCode.text.split('\n').length - 1;
      const loc = { line: LIMIT + 1, column: 0 };
      if (lines > LIMIT) context.report({ loc, messageId: 'breach', data: { lines: String(lines) } });
    },
  }),
};

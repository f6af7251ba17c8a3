import ajvCompiler from '@fastify/ajv-compiler';
import type { FastifySchemaCompiler, FastifyServerOptions } from 'fastify';

type Compilers = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>;
type BuildValidator = NonNullable<Compilers['buildValidator']>;
type CompilerFor = (
  schemas: unknown,
  options: { readonly customOptions: object },
) => FastifySchemaCompiler<unknown>;

const compilerOf = ajvCompiler() as unknown as CompilerFor;

const build: CompilerFor = (schemas) => {
  const compiler = (coerceTypes: boolean): FastifySchemaCompiler<unknown> =>
    compilerOf(schemas, {
      customOptions: { coerceTypes, removeAdditional: false, useDefaults: true, allErrors: false },
    });
  const strict = compiler(false);
  const lenient = compiler(true);
  return (route) => (route.httpPart === 'body' ? strict : lenient)(route);
};

/** Text stands for numbers only where there is nothing but text: in a URL. Nothing is dropped in silence anywhere. */
export const buildValidator = build as unknown as BuildValidator;

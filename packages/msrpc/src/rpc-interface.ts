import type { Fields, ValuesOf } from './ndr.ts';

/** One method of an interface: its number, what goes in and what comes out, the function's own result last. */
export interface RpcOperation<Request extends Fields = Fields, Response extends Fields = Fields> {
  readonly opnum: number;
  readonly request: Request;
  readonly response: Response;
}

/** An RPC interface as a table. */
export interface RpcInterface<
  Operations extends Readonly<Record<string, RpcOperation>> = Readonly<Record<string, RpcOperation>>,
> {
  /** As the specification names it, for messages. */
  readonly name: string;
  readonly uuid: string;
  readonly version: readonly [major: number, minor: number];
  readonly operations: Operations;
}

export type OperationName<I extends RpcInterface> = keyof I['operations'] & string;
export type RequestOf<I extends RpcInterface, N extends OperationName<I>> = ValuesOf<
  I['operations'][N]['request']
>;
export type ResponseOf<I extends RpcInterface, N extends OperationName<I>> = ValuesOf<
  I['operations'][N]['response']
>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function defineInterface<Operations extends Readonly<Record<string, RpcOperation>>>(
  table: RpcInterface<Operations>,
): RpcInterface<Operations> {
  if (!UUID.test(table.uuid)) throw new TypeError(`${table.name}: "${table.uuid}" is no UUID in lower case`);
  return Object.freeze(table);
}

export function operation<Request extends Fields, Response extends Fields>(
  opnum: number,
  request: Request,
  response: Response,
): RpcOperation<Request, Response> {
  return { opnum, request, response };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { SecurityContext, Surroundings, Wrapped } from './index.ts';

/** The accepting side in MIT's GSS-API, with gss-ntlmssp for NTLM: a question and an answer in JSON on each line. */
const PROGRAM = `
import base64, json, sys
import gssapi
from gssapi import raw
from gssapi.raw import IOV, IOVBufferType as T
SESSION_KEY = gssapi.OID.from_int_seq('1.2.840.113554.1.2.2.5.5')
decode = base64.b64decode
encode = lambda octets: base64.b64encode(octets).decode()
context = None
def around(question, header, data):
    part = lambda name: [(T.sign_only, False, decode(question[name]))] if name in question else []
    return IOV(header, *part('before'), data, *part('after'), std_layout=False), 1 + len(part('before'))
def new(question):
    global context
    binding = raw.ChannelBindings(application_data=decode(question['binding'])) if 'binding' in question else None
    context = gssapi.SecurityContext(creds=gssapi.Credentials(usage='accept'), usage='accept', channel_bindings=binding)
    return {}
def step(question):
    token = context.step(decode(question['token']))
    return {'token': encode(token) if token else None, 'user': str(context.initiator_name).strip('\\0') if context.complete else None}
def unwrap(question):
    if question['dce']:
        iov, index = around(question, (T.header, False, decode(question['token'])), (T.data, False, decode(question['data'])))
        assert raw.unwrap_iov(context, iov).encrypted
        return {'data': encode(iov[index].value)}
    result = context.unwrap(decode(question['token']) + decode(question['data']))
    assert result.encrypted
    return {'data': encode(result.message)}
def wrap(question):
    if question['dce']:
        iov, index = around(question, T.header, decode(question['data']))
        raw.wrap_iov(context, iov, True)
        return {'token': encode(iov[0].value), 'data': encode(iov[index].value)}
    sealed = context.wrap(decode(question['data']), True).message
    size = len(sealed) - len(decode(question['data']))
    return {'token': encode(sealed[:size]), 'data': encode(sealed[size:])}
def sign(question): return {'token': encode(context.get_signature(decode(question['data'])))}
def verify(question): context.verify_signature(decode(question['data']), decode(question['token'])); return {}
def key(question): return {'data': encode(raw.inquire_sec_context_by_oid(context, SESSION_KEY)[0])}
for line in sys.stdin:
    question = json.loads(line)
    try: answer = globals()[question['ask']](question)
    except Exception as problem:
        token = getattr(problem, 'token', None)
        answer = {'token': encode(token)} if token else {'error': repr(problem)}
    print(json.dumps(answer), flush=True)
`;

interface Answer {
  readonly token?: string | null;
  readonly data?: string;
  readonly user?: string | null;
  readonly error?: string;
}

export interface Acceptor extends AsyncDisposable {
  /** A new context, which the client is taken through. Answers who it turned out to be; throws what the acceptor objects to. */
  signIn(client: SecurityContext, binding?: Uint8Array): Promise<string | undefined>;
  unwrap(wrapped: Wrapped, surroundings?: Surroundings): Promise<Buffer>;
  wrap(data: Uint8Array, surroundings?: Surroundings): Promise<{ data: Buffer; token: Buffer }>;
  sign(message: Uint8Array): Promise<Buffer>;
  verify(message: Uint8Array, signature: Uint8Array): Promise<void>;
  sessionKey(): Promise<Buffer>;
}

/** Debian's own Python has the module; another one on the path has not. */
export function startAcceptor(environment: Readonly<Record<string, string>>): Acceptor {
  const child = spawn('/usr/bin/python3', ['-c', PROGRAM], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...environment },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (question: string, values: object = {}): Promise<Answer> => {
    child.stdin.write(`${JSON.stringify({ ask: question, ...values })}\n`);
    const line = await lines.next();
    if (line.done) throw new Error('The acceptor ended; is python3-gssapi installed?');
    const answer = JSON.parse(line.value) as Answer;
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  };
  const base64 = (octets: Uint8Array): string => Buffer.from(octets).toString('base64');
  const octets = (text: string | null | undefined): Buffer => Buffer.from(text ?? '', 'base64');
  const around = ({ before, after }: Surroundings = {}) => ({
    dce: before !== undefined || after !== undefined,
    ...(before && { before: base64(before) }),
    ...(after && { after: base64(after) }),
  });

  return {
    async signIn(client, binding) {
      await ask('new', binding && { binding: base64(binding) });
      let user: string | undefined;
      for (let token = await client.step(); token !== undefined;) {
        const answer = await ask('step', { token: base64(token) });
        user = answer.user ?? undefined;
        token = answer.token ? await client.step(octets(answer.token)) : undefined;
      }
      return user;
    },
    unwrap: async ({ data, token }, surroundings) =>
      octets(
        (await ask('unwrap', { data: base64(data), token: base64(token), ...around(surroundings) })).data,
      ),
    async wrap(data, surroundings) {
      const answer = await ask('wrap', { data: base64(data), ...around(surroundings) });
      return { data: octets(answer.data), token: octets(answer.token) };
    },
    sign: async (message) => octets((await ask('sign', { data: base64(message) })).token),
    async verify(message, signature) {
      await ask('verify', { data: base64(message), token: base64(signature) });
    },
    sessionKey: async () => octets((await ask('key')).data),
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'close');
      child.stdin.end();
      await ended;
    },
  };
}

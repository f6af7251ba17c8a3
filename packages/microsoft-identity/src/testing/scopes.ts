const OPENID = ['openid', 'profile', 'email', 'offline_access'];

/** What a `scope` field asks for. */
export interface WantedScopes {
  readonly all: readonly string[];
  /** The resource that the token is for: where the scopes name one, and otherwise Graph. */
  readonly audience: string;
  /** Names at that resource, such as `User.Read` or `.default`. */
  readonly names: readonly string[];
  /** Whether scopes of two resources stand side by side, which no token can be for. */
  readonly isMixed: boolean;
}

export function readScopes(text: string, graph: string): WantedScopes {
  const all = text.split(/\s+/).filter((scope) => scope !== '');
  const parts = all.filter((scope) => !OPENID.includes(scope)).map((scope) => split(scope, graph));
  const audiences = new Set(parts.map(({ audience }) => audience));
  return {
    all,
    audience: parts[0]?.audience ?? graph,
    names: parts.map(({ name }) => name),
    isMixed: audiences.size > 1,
  };
}

function split(scope: string, graph: string): { audience: string; name: string } {
  const at = scope.lastIndexOf('/');
  return scope.includes('://')
    ? { audience: scope.slice(0, at), name: scope.slice(at + 1) }
    : { audience: graph, name: scope };
}

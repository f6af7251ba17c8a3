declare module 'undici/lib/dispatcher/agent.js' {
  import { Agent } from 'undici';
  export = Agent;
}

declare module 'undici/lib/web/fetch/index.js' {
  export { fetch } from 'undici';
}

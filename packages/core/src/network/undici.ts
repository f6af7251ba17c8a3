// The parts of undici that are used: its index loads mocks, caches and proxies too, which takes longer than to log in and out.
export { default as Agent } from 'undici/lib/dispatcher/agent.js';
export { fetch } from 'undici/lib/web/fetch/index.js';

export {
  ExchangeClient,
  type CmdletInvocation,
  type CmdletPage,
  type ExchangeClientOptions,
} from './exchange-online-client.ts';
export type { TokenSource } from './exchange-online-wire.ts';
export {
  exchangeOnline,
  exchangeOnline as default,
  type ExchangeOnlineOptions,
  type UserEnvironment,
} from './plugin.ts';

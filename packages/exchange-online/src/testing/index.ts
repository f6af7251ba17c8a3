export { exchangeFaults } from './exchange-faults.ts';
export {
  EXCHANGE_HOSTS,
  EXCHANGE_SUFFIXES,
  FakeExchange,
  type ExchangeSettings,
  type FakeExchangeOptions,
  type SeenConnection,
} from './fake-exchange.ts';
export type { FakeMailbox } from './exchange-cmdlets.ts';
export { openBench, type ExchangeOnlineBench, type ExchangeOnlineBenchOptions } from './bench.ts';

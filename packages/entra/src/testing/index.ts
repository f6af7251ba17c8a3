export { openBench, type EntraBench, type EntraBenchOptions } from './bench.ts';

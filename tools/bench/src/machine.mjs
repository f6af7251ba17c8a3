// Where numbers come from.
import { cpus, totalmem } from 'node:os';

export function machine() {
  return {
    date: new Date().toISOString(),
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryInGigabytes: Math.round(totalmem() / 1e9),
  };
}

import { expect, it } from '@jest/globals';
import { recordingLogger } from './recording-logger.ts';

it('keeps what it is told, oldest first', () => {
  const log = recordingLogger();
  log.debug('asking', { host: 'a.test' });
  log.error('failed');
  log.warn('slow', { seconds: 3 });
  log.info('done');
  expect(log.records).toEqual([
    { level: 'debug', message: 'asking', fields: { host: 'a.test' } },
    { level: 'error', message: 'failed', fields: {} },
    { level: 'warn', message: 'slow', fields: { seconds: 3 } },
    { level: 'info', message: 'done', fields: {} },
  ]);
});

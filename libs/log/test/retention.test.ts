import { expect, test } from '@jest/globals';
import { LogContext } from './log-context.ts';

const FOLDER = '/data/t-0';

function file(offset: number, suffix: string): string {
  return `${FOLDER}/${String(offset).padStart(20, '0')}${suffix}`;
}

test('segments roll by size and by age', async () => {
  await using context = await LogContext.open({ 'segment.bytes': 150, 'segment.ms': 1000 });
  await context.append(['a']);
  context.clock.advance(1000);
  await context.append(['b']);
  expect(context.log.segmentCount).toBe(1);
  await context.append(['c']);
  expect(context.log.segmentCount).toBe(2);
  context.clock.advance(1001);
  await context.append(['d']);
  expect(context.log.segmentCount).toBe(3);
  expect(await context.values()).toEqual(['a', 'b', 'c', 'd']);
});

test('retention by time removes expired segments, the files after a delay, and rolls an expired active one', async () => {
  await using context = await LogContext.open({ 'segment.bytes': 150, 'retention.ms': 10_000 });
  for (const value of ['a', 'b', 'c']) await context.append([value]);
  context.clock.advance(6000);
  await context.append(['d']);
  context.clock.advance(5000);
  await context.manager.enforceRetention();
  expect(context.log.logStartOffset).toBe(2);
  expect(await context.values()).toEqual(['c', 'd']);
  expect(context.disk.paths()).toContain(file(0, '.log.deleted'));
  context.clock.advance(6000);
  await context.manager.enforceRetention();
  expect(context.log).toMatchObject({ logStartOffset: 4, logEndOffset: 4, segmentCount: 1 });
  expect(await context.log.read(0, 100)).toBe('offset-out-of-range');
  context.clock.advance(60_000);
  await context.manager.deleteFilesDue();
  expect(context.disk.paths().filter((path) => path.endsWith('.deleted'))).toEqual([]);
  await context.restart();
  expect(await context.append(['e'])).toBe(4);
});

test('retention by size keeps at least what is allowed, and never the active segment goes', async () => {
  await using context = await LogContext.open({ 'segment.bytes': 150, 'retention.bytes': 300 });
  for (const value of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await context.append([value]);
  await context.manager.enforceRetention();
  expect(await context.values()).toEqual(['c', 'd', 'e', 'f', 'g']);
  context.configure({ 'retention.bytes': 0 });
  await context.manager.enforceRetention();
  expect(await context.values()).toEqual(['g']);
});

test('records before an offset are deleted, durably', async () => {
  await using context = await LogContext.open({ 'segment.bytes': 150 });
  for (const value of ['a', 'b', 'c', 'd', 'e']) await context.append([value], 4);
  expect(await context.manager.deleteRecordsBefore(context.log, 6)).toBe('offset-out-of-range');
  expect(await context.manager.deleteRecordsBefore(context.log, 3)).toBe(3);
  expect(await context.values()).toEqual(['d', 'e']);
  expect(context.log.segmentCount).toBe(2);
  await context.crash(() => context.disk.crash());
  expect(context.log.logStartOffset).toBe(3);
  expect(await context.values()).toEqual(['d', 'e']);
});

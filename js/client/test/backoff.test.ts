import { expect, test } from 'vitest';
import { Backoff } from '../src/backoff.js';

test('It doubles from a quarter of a second to half a minute, half of it drawn', () => {
  const least = new Backoff();
  const most = new Backoff();
  const waits = Array.from({ length: 9 }, () => [least.after(1006, 0), most.after(1006, 1)]);
  expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000].map((width) => [width / 2, width]));
});

test('A connection that lasted begins it anew', () => {
  const backoff = new Backoff();
  backoff.after(1006, 0);
  backoff.lasted(9_999);
  expect(backoff.after(1006, 1)).toBe(500);
  backoff.lasted(10_000);
  expect(backoff.after(1006, 1)).toBe(250);
});

test.each([1000, 1002, 1003, 1007])('%d is final', (code) => {
  expect(new Backoff().after(code, 0)).toBeUndefined();
});

test('After a breach of policy it comes back once, in a minute', () => {
  const backoff = new Backoff();
  expect(backoff.after(1008, 0)).toBe(60_000);
  expect(backoff.after(1008, 0)).toBeUndefined();
});

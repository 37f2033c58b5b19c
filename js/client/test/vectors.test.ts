import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type ClientFrame, FrameError, readFrame, writeFrame } from '../src/index.js';

interface Vector {
  name: string;
  frame: { type: string };
  means?: unknown;
  refusal?: string;
  unknown?: boolean;
}

const folder = new URL('../../../protocol/vectors/', import.meta.url);
const vectors = (side: string): [string, Vector][] =>
  readdirSync(folder)
    .filter((file) => file.startsWith(side))
    .flatMap((file) =>
      (JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Vector[]).map((vector): [string, Vector] => [`${file}: ${vector.name}`, vector]),
    );

test.each(vectors('server.'))('%s is read', (_, { frame, means, unknown }) => {
  const read = readFrame(JSON.stringify(frame));
  expect(read).toStrictEqual(unknown ? { type: 'unknown', frame } : (means ?? frame));
});

test.each(vectors('client.').filter(([, { refusal }]) => !refusal))('%s is written', (_, { frame, means }) => {
  const written = writeFrame(frame as unknown as ClientFrame);
  expect(JSON.parse(written)).toStrictEqual(means ?? frame);
  if ('id' in frame) expect(written.startsWith(`{"type":${JSON.stringify(frame.type)},"id":`)).toBe(true);
});

test.each([
  '',
  'hello',
  '[]',
  'null',
  '{"room":"general"}',
  '{"type":7}',
  '{"type":"message","room":"general"}',
  '{"type":"message","room":null,"seq":1}',
  '{"type":"ack","id":"m1","room":"general","seq":"1"}',
  '{"type":"ack","id":"m1","room":"general","seq":-1}',
  '{"type":"user_list","room":"general","count":1,"users":["ann",7]}',
  '{"type":"pong"} x',
])('%s is no frame', (json) => {
  expect(() => readFrame(json)).toThrow(FrameError);
});

test('What a type requires is not left out', () => {
  expect(() => writeFrame({ type: 'join' } as ClientFrame)).toThrow(FrameError);
  expect(() => writeFrame({ type: 'message', room: 'general', content: 7 } as unknown as ClientFrame)).toThrow(FrameError);
});

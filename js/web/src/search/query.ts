import type { Key } from '../state/text';

/** What stands in the way of a search: a text of the catalogue that says what belongs behind an operator; or just that somebody is still typing it. */
export type Obstacle = { key: Key; name: string } | 'begun';

const texts: Record<string, Key> = {
  from: 'search.badFrom',
  in: 'search.badIn',
  has: 'search.badHas',
  before: 'search.badDay',
  after: 'search.badDay',
};

const isDay = (value: string): boolean => {
  const day = new Date(`${value}T00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
};

const begunDay = /^\d{0,4}$|^\d{4}-\d{0,2}$|^\d{4}-\d{2}-\d?$/;
const things = ['link', 'file'];

const judge = (name: string, value: string): 'good' | 'begun' | 'bad' => {
  if (name === 'from' || name === 'in') return value ? 'good' : 'begun';
  if (name === 'has') return things.includes(value) ? 'good' : things.some((thing) => thing.startsWith(value)) ? 'begun' : 'bad';
  return isDay(value) ? 'good' : begunDay.test(value) ? 'begun' : 'bad';
};

/** The first operator of a query whose value cannot be; at the end of what is still being typed, one that may yet become something. */
export const obstacleOf = (query: string, isTyped: boolean): Obstacle | undefined => {
  const pieces = [...query.matchAll(/["“”„]([^"“”„]*)["“”„]?|[^\s"“”„]+/g)];
  for (const [at, { 0: piece, 1: quoted, index }] of pieces.entries()) {
    const [, name, rest] = (quoted === undefined && /^(from|in|has|before|after):(.*)$/i.exec(piece)) || [];
    if (name === undefined) continue;
    const next = pieces[at + 1];
    const isJoined = !rest && next?.[1] !== undefined && next.index === index + piece.length;
    const operator = name.toLowerCase();
    const verdict = judge(operator, rest || (isJoined ? (next[1] ?? '') : ''));
    if (verdict === 'good') continue;
    const isLast = index + piece.length + (isJoined ? next[0].length : 0) === query.length;
    if (verdict === 'begun' && isLast && isTyped) return 'begun';
    return { key: texts[operator] ?? 'search.failed', name: operator };
  }
  return undefined;
};

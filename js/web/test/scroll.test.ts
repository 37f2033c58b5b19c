import { describe, expect, test } from 'vitest';
import { type Extent, Scroll } from '../src/message/scroll';

/** A window of 500 pixels on a list, scrolled to somewhere. */
const at = (scrollTop: number, scrollHeight: number, clientHeight = 500): Extent => ({ scrollTop, scrollHeight, clientHeight });

const atEnd = (): Scroll => {
  const scroll = new Scroll(true);
  scroll.arrive();
  scroll.moved(at(5_500, 6_000));
  return scroll;
};

const look = (scroll: Scroll, extent: Extent, { isWhole = true, isCaughtUp = false } = {}) => scroll.look(extent, isWhole, isCaughtUp);

describe('the end', () => {
  test('what grows is followed', () => {
    const scroll = atEnd();
    look(scroll, at(5_500, 6_300));
    expect(scroll.isAtEnd).toBe(true);
  });

  test('whoever scrolls up leaves it, and comes back by scrolling down', () => {
    const scroll = atEnd();
    look(scroll, at(5_300, 6_000));
    expect(scroll.isAtEnd).toBe(false);
    look(scroll, at(5_400, 6_000));
    expect(scroll.isAtEnd).toBe(false);
    look(scroll, at(5_480, 6_000));
    expect(scroll.isAtEnd).toBe(true);
  });

  test('a little up is still there', () => {
    const scroll = atEnd();
    look(scroll, at(5_470, 6_000));
    expect(scroll.isAtEnd).toBe(true);
  });

  test('who scrolled up is found before the browser tells of it, whatever has grown meanwhile', () => {
    const scroll = atEnd();
    expect(scroll.hasLeft(at(5_300, 6_400))).toBe(true);
    scroll.draw(at(5_300, 6_400));
    expect(scroll.isAtEnd).toBe(false);
    expect(scroll.keepsPlace).toBe(true);
  });

  test('a list that became shorter was scrolled by the browser, not by anybody', () => {
    const scroll = atEnd();
    expect(scroll.hasLeft(at(5_100, 5_600))).toBe(false);
    look(scroll, at(5_100, 5_600));
    expect(scroll.isAtEnd).toBe(true);
  });

  test('a keyboard that takes half of the window takes nobody away', () => {
    const scroll = atEnd();
    expect(scroll.hasLeft(at(5_500, 6_000, 250))).toBe(false);
    look(scroll, at(5_500, 6_000, 250));
    expect(scroll.isAtEnd).toBe(true);
  });

  test('there is none while newer messages are not in the document', () => {
    const scroll = atEnd();
    look(scroll, at(5_500, 6_000), { isWhole: false });
    expect(scroll.isAtEnd).toBe(false);
  });

  test('whoever wants to read on is not taken along, and whoever asks for it is', () => {
    const scroll = atEnd();
    scroll.leave();
    look(scroll, at(5_500, 6_300));
    expect(scroll.isAtEnd).toBe(false);
    scroll.toEnd();
    look(scroll, at(5_500, 6_300));
    expect(scroll.isAtEnd).toBe(true);
  });
});

describe('what was missed', () => {
  test('holds whoever looks at the end until all of it came, and then the end is the end again', () => {
    const scroll = atEnd();
    scroll.hold(true);
    look(scroll, at(5_500, 6_010));
    expect([scroll.isHeld, scroll.isAtEnd, scroll.keepsPlace]).toEqual([true, false, false]);
    look(scroll, at(5_600, 7_000));
    expect(scroll.isHeld).toBe(true);
    look(scroll, at(6_500, 7_000), { isCaughtUp: true });
    expect([scroll.isHeld, scroll.isAtEnd]).toEqual([false, true]);
  });

  test('lets go of whoever scrolls up', () => {
    const scroll = atEnd();
    scroll.hold(true);
    look(scroll, at(5_000, 7_000));
    expect([scroll.isHeld, scroll.isAtEnd, scroll.keepsPlace]).toEqual([false, false, true]);
  });

  test('holds nobody who looks away', () => {
    const scroll = atEnd();
    scroll.hold(false);
    expect([scroll.isHeld, scroll.isAtEnd]).toEqual([false, true]);
  });
});

test('another place is sought from anew', () => {
  const scroll = atEnd();
  scroll.hold(true);
  scroll.seek();
  expect([scroll.isPlaced, scroll.isHeld, scroll.isAtEnd]).toEqual([false, false, false]);
  scroll.arrive();
  expect(scroll.isPlaced).toBe(true);
});

test('more is asked for before one comes to where it would stand', () => {
  const scroll = atEnd();
  expect(look(scroll, at(5_500, 6_000))).toEqual({ isNearTop: false, isNearBottom: true, below: 0, height: 500 });
  expect(look(scroll, at(2_000, 6_000))).toMatchObject({ isNearTop: false, isNearBottom: false, below: 3_500 });
  expect(look(scroll, at(1_499, 6_000))).toMatchObject({ isNearTop: true, isNearBottom: false });
});

import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/** A part of the page that takes the focus, in the order in which F6 goes through them; a `pane` takes none, and holds the two before it. */
export type Spot = 'rooms' | 'content' | 'composer' | 'thread' | 'thread-composer' | 'pane';

interface Place {
  /** All of it: whatever has the focus in there is at this spot. */
  area: RefObject<HTMLElement | null>;
  /** What takes the focus. */
  target: () => HTMLElement | null | undefined;
}

const order: readonly Spot[] = ['rooms', 'content', 'composer', 'thread', 'thread-composer'];
const places = new Map<Spot, Place>();

/** Says that a view is such a spot, as long as it is there. */
export const useSpot = (spot: Spot, area: RefObject<HTMLElement | null>, target: Place['target'] = () => area.current): void => {
  const place = { area, target };
  useLayoutEffect(() => {
    places.set(spot, place);
    return () => {
      if (places.get(spot) === place) places.delete(spot);
    };
  });
};

export const focus = (spot: Spot): void => places.get(spot)?.target()?.focus();

export const focusComposer = (thread?: number): void => focus(thread === undefined ? 'composer' : 'thread-composer');

export const isAt = (spot: Spot): boolean => places.get(spot)?.area.current?.contains(document.activeElement) === true;

/** Gives the focus to the next spot that one sees, or to the one before. */
export const cycle = (by: number): void => {
  const seen = order.filter((spot) => places.get(spot)?.target()?.checkVisibility() === true);
  const next = seen[(seen.findIndex(isAt) + by + seen.length) % seen.length];
  if (next) focus(next);
};

import { elementOf } from '../message/state';
import type { Page } from '../state/timeline';

/** Leads to what one comes for: it stands a quarter down, with something of what was before it. Else to the end. */
export const show = (feed: HTMLElement, sought: Element | null): void => {
  feed.scrollTop = sought
    ? feed.scrollTop + sought.getBoundingClientRect().top - feed.getBoundingClientRect().top - feed.clientHeight / 4
    : feed.scrollHeight;
};

/** The first message that one sees, and where. */
export const firstInSight = (feed: HTMLElement, pages: readonly Page[]): { element: () => HTMLElement | null; top: number } | undefined => {
  const { top: edge } = feed.getBoundingClientRect();
  for (const page of pages)
    for (const { id } of page) {
      const { top, bottom } = elementOf(id)?.getBoundingClientRect() ?? { top: 0, bottom: Number.NEGATIVE_INFINITY };
      if (bottom > edge) return { element: () => elementOf(id), top };
    }
  return undefined;
};

import { elementOf } from '../message/state';
import { focusComposer } from '../state/focus';
import { go, isPlain, roomUrl, route } from '../state/route';

/** Leaves the thread: the focus goes to the message that it is about, or else to the box. */
export const closeThread = (): void => {
  const { value: at } = route;
  if (at.view !== 'room' || at.thread === undefined) return;
  const { thread } = at;
  go(roomUrl(at.room, at.message));
  requestAnimationFrame(() => {
    const message = elementOf(thread);
    if (message) message.focus();
    else focusComposer();
  });
};

/** A link to a message that the thread shows leads there, not out of the thread. */
export const stayInThread = (event: MouseEvent): void => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const { value: at } = route;
  if (!link || !isPlain(event) || link.origin !== location.origin || at.view !== 'room') return;
  const id = Number(link.pathname.split('/').at(-1));
  const message = link.pathname === roomUrl(at.room, id) ? elementOf(id, at.thread) : null;
  if (!message) return;
  event.preventDefault();
  message.scrollIntoView({ block: 'nearest' });
  message.focus({ preventScroll: true });
};

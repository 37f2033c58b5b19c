import { useRef } from 'preact/hooks';
import { active, messageAt, pressed } from './state';

const pressMs = 450;
/** How long after the finger its click may come. */
const lateMs = 100;

// The finger that is lifted would press what has come below it.
const swallow = (): void => {
  const lifted = new AbortController();
  const { signal } = lifted;
  const stop = (event: Event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener('click', stop, { capture: true, signal });
  addEventListener('pointerdown', () => lifted.abort(), { capture: true, signal });
  for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => setTimeout(() => lifted.abort(), lateMs), { capture: true, signal });
};

/** What a finger does among messages: a long press asks what can be done with one, a tap does not. Links and players have their own. */
export const usePress = () => {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  /** A tap focuses what it hits, too. */
  const isTouched = useRef(false);
  const stop = () => clearTimeout(timer.current);
  const handlers = {
    onKeyDown: () => {
      isTouched.current = false;
    },
    onPointerDown: (event: PointerEvent) => {
      isTouched.current = event.pointerType !== 'mouse';
      if (!isTouched.current) return;
      stop();
      const { target: at } = event;
      if (!(at instanceof Element) || at.closest('dialog')) return;
      if (!at.closest('.actions')) active.value = undefined;
      const message = messageAt(at);
      if (!message || at.closest('a, button, audio, video')) return;
      timer.current = setTimeout(() => {
        pressed.value = message.id;
        swallow();
      }, pressMs);
    },
    onPointerUp: stop,
    onPointerCancel: stop,
  };
  return { isTouched, handlers };
};

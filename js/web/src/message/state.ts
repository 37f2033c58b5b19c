import { signal } from '@preact/signals';

/** A message's element, by its id: the one in the room, or the one in a thread. */
export const elementId = (message: number, thread: number | undefined): string => `${thread === undefined ? 'm' : 't'}${message}`;

export const elementOf = (message: number, thread?: number): HTMLElement | null => document.getElementById(elementId(message, thread));

/** The message's element that something is in; one that is not in the log yet is none. */
export const messageAt = (target: EventTarget | null): HTMLElement | null =>
  target instanceof Element ? target.closest<HTMLElement>('.message[data-id]') : null;

/** The message that the pointer or the focus is at, by its element's id: only it has its actions in the document. */
export const active = signal<string | undefined>(undefined);

export const activate = ({ target }: { target: EventTarget | null }): void => {
  const message = messageAt(target);
  if (message) active.value = message.id;
};

/** The message that a finger rested on, by its element's id: what can be done with it is asked. */
export const pressed = signal<string | undefined>(undefined);

/** The message for which an emoji is chosen, by its element's id. */
export const reacting = signal<string | undefined>(undefined);

/** The message that a link led to. */
export const target = signal<number | undefined>(undefined);

import type { Message } from 'confab-client';
import { startEdit, startReply } from '../composer/begin';
import type { IconName } from '../parts/Icon';
import { pin, react } from '../state/chat';
import type { Room } from '../state/room';
import { go, threadUrl } from '../state/route';
import { settings } from '../state/settings';
import { type Key, t } from '../state/text';

/** What can be done with a message by one press, and by one key. */
export interface Deed {
  name: string;
  icon: IconName;
  label: string;
  key: string;
  isPressed?: boolean;
  run: () => void;
}

export const toggle = (room: Room, message: Message, emoji: string): void => {
  const isMine = message.reactions?.some((reaction) => reaction.emoji === emoji && reaction.usernames.includes(settings.peek().name));
  react(room.name, message.id, emoji, !isMine);
};

// A reply that nobody answered belongs to what it answers.
const threadOf = (room: Room, { id, reply_to: parent }: Message): number =>
  parent !== undefined && room.replies.of(id).peek().count === 0 ? parent : id;

/** Whether a message can be changed, which nothing can in an archived room. */
export const isMine = (room: Room, message: Message): boolean => !room.isArchived.value && message.username === settings.value.name;

export const deedsOf = (room: Room, message: Message, thread: number | undefined): Deed[] => {
  const isOpen = !room.isArchived.value;
  const isPinned = room.pins.value.includes(message.id);
  const deed = (name: string, icon: IconName, key: string, label: Key, run: () => void): Deed => ({ name, icon, key, label: t(label), run });
  const deeds: Deed[] = [];
  if (thread === undefined) {
    if (isOpen) deeds.push(deed('reply', 'reply', 'R', 'message.reply', () => startReply(room.name, message)));
    deeds.push(deed('thread', 'thread', 'T', 'message.thread', () => go(threadUrl(room.name, threadOf(room, message)))));
  }
  if (isMine(room, message)) deeds.push(deed('edit', 'pen', 'E', 'message.edit', () => startEdit(room.name, thread, message)));
  if (isOpen)
    deeds.push({
      ...deed('pin', 'pin', 'P', isPinned ? 'message.unpin' : 'message.pin', () => pin(room.name, message.id, !isPinned)),
      isPressed: isPinned,
    });
  return deeds;
};

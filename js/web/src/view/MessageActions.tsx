import type { Message } from 'confab-client';
import { useState } from 'preact/hooks';
import { pin, react, remove } from '../state/chat';
import { quick } from '../state/emoji';
import { tellDone } from '../state/problem';
import type { Room } from '../state/room';
import { go, roomUrl, threadUrl } from '../state/route';
import { settings } from '../state/settings';
import { type Key, t } from '../state/text';
import { startEdit, startReply } from './Composer';
import { copyText } from './copy';
import { Dialog } from './Dialog';
import { Icon } from './Icon';
import { laterDialog } from './later';
import { named } from './named';

const EmojiPicker = laterDialog(() => import('./EmojiPicker'));

const toggle = (room: Room, message: Message, emoji: string): void => {
  const isMine = message.reactions?.some((reaction) => reaction.emoji === emoji && reaction.usernames.includes(settings.peek().name));
  react(room.name, message.id, emoji, !isMine);
};

// A reply that nobody answered belongs to what it answers.
const threadOf = (room: Room, { id, reply_to: parent }: Message): number =>
  parent !== undefined && room.replies.of(id).peek().count === 0 ? parent : id;

/** What can be done with a message. */
export const Actions = ({ room, message, thread }: { room: Room; message: Message; thread: number | undefined }) => {
  const [open, setOpen] = useState<'emoji' | 'more' | undefined>(undefined);
  // In an archived room nothing can be changed.
  const isOpen = !room.isArchived.value;
  const isMine = isOpen && message.username === settings.value.name;
  const isPinned = room.pins.value.includes(message.id);
  const close = () => setOpen(undefined);
  return (
    <div class="actions" role="toolbar" aria-label={t('message.actions')}>
      {isOpen && (
        <>
          {quick.map((emoji) => (
            <button type="button" key={emoji} class="quick" aria-label={t('message.react', { emoji })} onClick={() => toggle(room, message, emoji)}>
              {emoji}
            </button>
          ))}
          <button type="button" data-action="react" {...named(t('message.addReaction'), '+')} onClick={() => setOpen('emoji')}>
            <Icon name="smile" />
          </button>
          <hr />
        </>
      )}
      {thread === undefined && (
        <>
          {isOpen && (
            <button type="button" data-action="reply" {...named(t('message.reply'), 'R')} onClick={() => startReply(room.name, message)}>
              <Icon name="reply" />
            </button>
          )}
          <button
            type="button"
            data-action="thread"
            {...named(t('message.thread'), 'T')}
            onClick={() => go(threadUrl(room.name, threadOf(room, message)))}
          >
            <Icon name="thread" />
          </button>
        </>
      )}
      {isMine && (
        <button type="button" data-action="edit" {...named(t('message.edit'), 'E')} onClick={() => startEdit(room.name, thread, message)}>
          <Icon name="pen" />
        </button>
      )}
      {isOpen && (
        <button
          type="button"
          data-action="pin"
          {...named(t(isPinned ? 'message.unpin' : 'message.pin'), 'P')}
          aria-pressed={isPinned}
          onClick={() => pin(room.name, message.id, !isPinned)}
        >
          <Icon name="pin" />
        </button>
      )}
      <button type="button" {...named(t('message.more'))} aria-haspopup="dialog" onClick={() => setOpen('more')}>
        <Icon name="dots" />
      </button>
      {open === 'emoji' && (
        <EmojiPicker
          onClose={close}
          onPick={(emoji) => {
            close();
            toggle(room, message, emoji);
          }}
        />
      )}
      {open === 'more' && <More room={room} message={message} thread={thread} isMine={isMine} onClose={close} />}
    </div>
  );
};

const More = ({
  room,
  message,
  thread,
  isMine,
  onClose,
}: {
  room: Room;
  message: Message;
  thread: number | undefined;
  isMine: boolean;
  onClose: () => void;
}) => {
  const [isSure, setSure] = useState(false);
  const copy = (text: string, told: Key) => {
    void copyText(text).then(() => {
      onClose();
      tellDone(told);
    });
  };
  return (
    <Dialog title={isSure ? t('message.confirmDelete') : t('message.actions')} onClose={onClose} size="small">
      <ul class="menu">
        {isSure ? (
          <>
            <li>
              <button
                type="button"
                class="danger"
                onClick={() => {
                  onClose();
                  remove(room.name, message.id);
                  // The button that opened this goes with the words.
                  requestAnimationFrame(() => document.querySelector<HTMLElement>(`#${thread === undefined ? 'm' : 't'}${message.id}`)?.focus());
                }}
              >
                {t('message.delete')}
              </button>
            </li>
            <li>
              <button type="button" onClick={onClose}>
                {t('app.cancel')}
              </button>
            </li>
          </>
        ) : (
          <>
            <li>
              <button type="button" onClick={() => copy(message.content, 'message.textCopied')}>
                {t('message.copyText')}
              </button>
            </li>
            <li>
              <button type="button" onClick={() => copy(new URL(roomUrl(room.name, message.id), location.href).href, 'message.linkCopied')}>
                {t('message.copyLink')}
              </button>
            </li>
            {isMine && (
              <li>
                <button type="button" class="danger" onClick={() => setSure(true)}>
                  {t('message.delete')}
                </button>
              </li>
            )}
          </>
        )}
      </ul>
    </Dialog>
  );
};

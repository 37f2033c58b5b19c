import type { Message } from 'confab-client';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../parts/Icon';
import { laterDialog } from '../parts/later';
import { named } from '../parts/named';
import { quick } from '../parts/quick';
import type { Room } from '../state/room';
import { t } from '../state/text';
import { deedsOf, toggle } from './deeds';
import { MessageMenu } from './MessageMenu';
import { elementId, reacting } from './state';

const EmojiPicker = laterDialog(() => import('../parts/EmojiPicker'));

/** What can be done with a message, where a pointer or the focus is at it. */
export const Actions = ({ room, message, thread }: { room: Room; message: Message; thread: number | undefined }) => {
  const [isMore, setMore] = useState(false);
  const element = elementId(message.id, thread);
  const close = () => {
    reacting.value = undefined;
  };
  useEffect(() => close, []);
  return (
    <div class="actions" role="toolbar" aria-label={t('message.actions')}>
      {!room.isArchived.value && (
        <>
          {quick.map((emoji) => (
            <button type="button" key={emoji} class="quick" aria-label={t('message.react', { emoji })} onClick={() => toggle(room, message, emoji)}>
              {emoji}
            </button>
          ))}
          <button type="button" {...named(t('message.addReaction'), '+')} onClick={() => (reacting.value = element)}>
            <Icon name="smile" />
          </button>
          <hr />
        </>
      )}
      {deedsOf(room, message, thread).map(({ name, icon, label, key, isPressed, run }) => (
        <button type="button" key={name} {...named(label, key)} aria-pressed={isPressed} onClick={run}>
          <Icon name={icon} />
        </button>
      ))}
      <button type="button" {...named(t('message.more'))} aria-haspopup="dialog" onClick={() => setMore(true)}>
        <Icon name="dots" />
      </button>
      {reacting.value === element && (
        <EmojiPicker
          onClose={close}
          onPick={(emoji) => {
            close();
            toggle(room, message, emoji);
          }}
        />
      )}
      {isMore && <MessageMenu room={room} message={message} thread={thread} onClose={() => setMore(false)} />}
    </div>
  );
};

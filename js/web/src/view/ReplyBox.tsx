import { useState } from 'preact/hooks';
import { send, type } from '../state/chat';
import type { Room } from '../state/room';
import { t } from '../state/text';
import { Icon } from './Icon';

/** Where one answers in a thread: words only, kept until they are sent. */
export const ReplyBox = ({ room, id, onSend }: { room: Room; id: number; onSend: () => void }) => {
  const key = `confab.draft.${room.name}/${id}`;
  const [text, setText] = useState(localStorage.getItem(key) ?? '');
  const canSend = text.trim() !== '';

  // At once: whoever leaves with the next key has not lost the last one.
  const write = (value: string) => {
    setText(value);
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  };

  const submit = () => {
    if (!canSend) return;
    send(room.name, text.trim(), id);
    write('');
    onSend();
  };

  return (
    <div class="dock">
      <form
        class="composer reply"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <textarea
          id="thread-composer"
          rows={1}
          dir="auto"
          value={text}
          aria-label={t('thread.label')}
          placeholder={t('message.reply')}
          onInput={(event) => {
            write(event.currentTarget.value);
            if (event.currentTarget.value.trim()) type(room.name);
          }}
          onKeyDown={(event) => {
            if (event.isComposing || event.key !== 'Enter' || event.shiftKey || event.ctrlKey || event.altKey) return;
            event.preventDefault();
            submit();
          }}
        />
        <button class="send" type="submit" aria-label={t('thread.send')} aria-disabled={!canSend}>
          <Icon name="up" />
        </button>
      </form>
    </div>
  );
};

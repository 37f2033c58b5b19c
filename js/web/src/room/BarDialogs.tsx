import { useState } from 'preact/hooks';
import { Dialog } from '../parts/Dialog';
import { changeTopic, tell } from '../state/chat';
import type { Room } from '../state/room';
import { change, type Level, levelOf, settings } from '../state/settings';
import { type Key, t } from '../state/text';

const levels: Level[] = ['all', 'mentions', 'none'];

/** Of what to notify. */
export const LevelDialog = ({ room, onClose }: { room: Room; onClose: () => void }) => (
  <Dialog title={t('room.notify')} size="small" onClose={onClose}>
    <ul class="menu">
      {levels.map((level) => (
        <li key={level}>
          <button
            type="button"
            aria-pressed={levelOf(room.name) === level}
            onClick={() => {
              change({ levels: { ...settings.peek().levels, [room.name]: level } });
              onClose();
            }}
          >
            {t(`settings.level.${level}` as Key)}
          </button>
        </li>
      ))}
    </ul>
  </Dialog>
);

const maxTopic = 250;

/** What a room is about. */
export const Topic = ({ room, onClose }: { room: Room; onClose: () => void }) => {
  const [text, setText] = useState(room.topic.peek());
  return (
    <Dialog title={t('room.topic')} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          changeTopic(room.name, text.trim()).then(onClose, (error: unknown) => {
            tell(error);
            onClose();
          });
        }}
      >
        <label>
          {t('room.topicLabel')}
          <input class="field" dir="auto" maxLength={maxTopic} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <button class="primary" type="submit">
          {t('app.save')}
        </button>
      </form>
    </Dialog>
  );
};

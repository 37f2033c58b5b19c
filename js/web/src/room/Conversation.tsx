import { useRef } from 'preact/hooks';
import { Composer } from '../composer/Composer';
import { DropSign } from '../composer/drop';
import { Dots } from '../parts/Dots';
import { Icon } from '../parts/Icon';
import { createRoom, markRead, problem, whyNotMade } from '../state/chat';
import type { Room } from '../state/room';
import { go, openThread, roomUrl } from '../state/route';
import { settings } from '../state/settings';
import { t } from '../state/text';
import { ArchivedNote } from './Archive';
import { Bar } from './Bar';
import { Feed } from './Feed';
import { sent } from './state';

/** A room that is open. */
export const Conversation = ({ room, linked }: { room: Room; linked: number | undefined }) => {
  const element = useRef<HTMLElement>(null);
  return (
    <main class="room" ref={element}>
      <Bar key={room.name} room={room} />
      <Feed key={room.name} room={room} linked={linked} />
      {room.isArchived.value ? (
        <ArchivedNote room={room} />
      ) : (
        <>
          <Typing room={room} />
          <Composer
            room={room}
            area={element}
            messages={() => room.timeline.messages.peek()}
            onSend={() => {
              if (openThread.peek() === undefined) go(roomUrl(room.name), true);
              sent.value++;
              markRead(room);
            }}
          />
          <DropSign place={room.name} />
        </>
      )}
    </main>
  );
};

const Typing = ({ room }: { room: Room }) => {
  const [a, b, ...others] = room.typing.value.filter((name) => name !== settings.value.name);
  const text = !a ? '' : !b ? t('typing.one', { a }) : others.length === 0 ? t('typing.two', { a, b }) : t('typing.many');
  return (
    <div class="typing">
      {text && <Dots />}
      <span>{text}</span>
    </div>
  );
};

/** A room that is not there. */
export const Missing = ({ name }: { name: string }) => (
  <main class="room" id="main" tabindex={-1}>
    <div class="empty">
      <h1>{t('room.missing', { room: name })}</h1>
      <p>{t('room.missingText')}</p>
      <ul>
        <li>
          <button type="button" onClick={() => createRoom(name, '').catch((failure) => (problem.value = { key: whyNotMade(failure) }))}>
            <Icon name="plus" />
            {t('room.create')}
          </button>
        </li>
      </ul>
    </div>
  </main>
);

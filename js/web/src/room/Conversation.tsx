import { useState } from 'preact/hooks';
import { Composer, sent } from '../composer/Composer';
import { DropSign } from '../composer/drop';
import { Avatar } from '../parts/Avatar';
import { Dialog } from '../parts/Dialog';
import { Icon } from '../parts/Icon';
import { laterDialog } from '../parts/later';
import { named } from '../parts/named';
import { changeTopic, createRoom, markRead, problem, rooms, tell, whyNotMade } from '../state/chat';
import type { Room } from '../state/room';
import { go, homeUrl, openThread, roomUrl, searchUrl } from '../state/route';
import { change, type Level, levelOf, settings } from '../state/settings';
import { type Key, t } from '../state/text';
import { ArchiveDialog, ArchivedNote } from './Archive';
import { Feed } from './Feed';

const Pins = laterDialog(() => import('./Pins'));
const shownPeople = 3;

/** A room that is open. */
export const Conversation = ({ room, linked }: { room: Room; linked: number | undefined }) => (
  <main class="room">
    <Bar key={room.name} room={room} />
    <Feed key={room.name} room={room} linked={linked} />
    {room.isArchived.value ? (
      <ArchivedNote room={room} />
    ) : (
      <>
        <Typing room={room} />
        <Composer
          room={room}
          onSend={() => {
            if (openThread.peek() === undefined) go(roomUrl(room.name), true);
            sent.value++;
            markRead(room);
          }}
        />
        <DropSign id="composer" />
      </>
    )}
  </main>
);

const Bar = ({ room }: { room: Room }) => {
  const [open, setOpen] = useState<'about' | 'topic' | 'people' | 'level' | 'pins' | 'archive' | undefined>(undefined);
  const close = () => setOpen(undefined);
  const here = room.users.value ?? [];
  const elsewhere = rooms.value.filter((other) => other !== room).reduce((sum, other) => sum + other.badge.value, 0);
  const mentioned = rooms.value.some((other) => other !== room && other.badgeAt.value > 0);
  return (
    <div class="bar">
      <a class="back icon-button" href={homeUrl} {...named(elsewhere > 0 ? t('room.backUnread', { n: elsewhere }) : t('room.back'))}>
        <Icon name="left" />
        {elsewhere > 0 && <span class={mentioned ? 'count at' : 'count'}>{elsewhere}</span>}
      </a>
      <div class="title">
        <div class="named">
          <h1 dir="auto">
            <span>#</span>
            {room.name}
          </h1>
          <button type="button" class="about" aria-haspopup="dialog" {...named(t('room.about'))} onClick={() => setOpen('about')} />
        </div>
        {room.isArchived.value ? (
          <span class="topic" dir="auto">
            {room.topic.value}
          </span>
        ) : (
          <button type="button" class="topic" data-action="topic" title={room.topic.value} onClick={() => setOpen('topic')}>
            {room.topic.value && <span class="hidden">{t('room.topic')}: </span>}
            <span dir="auto">{room.topic.value || t('room.addTopic')}</span>
          </button>
        )}
        <small>
          {t('room.here', { n: room.count.value })}
          {room.topic.value && ` · ${room.topic.value}`}
        </small>
      </div>
      {room.pins.value.length > 0 && (
        <button
          type="button"
          class="pins"
          aria-haspopup="dialog"
          {...named(t('room.pins', { n: room.pins.value.length }))}
          onClick={() => setOpen('pins')}
        >
          <Icon name="pin" small />
          <span class="wide-only">{t('room.pins', { n: room.pins.value.length })}</span>
          <span class="narrow-only">{room.pins.value.length}</span>
        </button>
      )}
      <button type="button" class="people" title={t('room.people')} onClick={() => setOpen('people')}>
        <span class="hidden">
          {t('room.people')}: {t('room.here', { n: room.count.value })}
        </span>
        {here.slice(0, shownPeople).map((name) => (
          <Avatar key={name} name={name} size="small" />
        ))}
        <span aria-hidden="true">{room.count.value}</span>
      </button>
      <button type="button" class="icon-button" {...named(t('room.notify'))} onClick={() => setOpen('level')}>
        <Icon name="bell" />
      </button>
      <a class="icon-button" {...named(t('room.search'))} href={searchUrl(`in:${/\s/.test(room.name) ? `"${room.name}"` : room.name} `)}>
        <Icon name="search" />
      </a>
      {open === 'topic' && <Topic room={room} onClose={close} />}
      {open === 'about' && (
        <Dialog title={`#${room.name}`} size="small" onClose={close}>
          {room.topic.value && <p dir="auto">{room.topic.value}</p>}
          {!room.isArchived.value && (
            <div class="buttons">
              <button type="button" class="secondary" onClick={() => setOpen('topic')}>
                {t(room.topic.value ? 'room.topic' : 'room.addTopic')}
              </button>
              <button type="button" class="secondary" onClick={() => setOpen('archive')}>
                {t('archive.menu')}
              </button>
            </div>
          )}
          <h3>{t('room.people')}</h3>
          <People room={room} />
        </Dialog>
      )}
      {open === 'people' && (
        <Dialog title={t('room.people')} size="small" onClose={close}>
          <People room={room} />
        </Dialog>
      )}
      {open === 'pins' && <Pins room={room} onClose={close} />}
      {open === 'archive' && <ArchiveDialog room={room} onClose={close} />}
      {open === 'level' && <LevelDialog room={room} onClose={close} />}
    </div>
  );
};

// Of a full room, only some are known by name.
const People = ({ room }: { room: Room }) => {
  const here = room.users.value ?? [];
  return (
    <>
      <ul class="menu">
        {here.map((name) => (
          <li key={name} class="person">
            <Avatar name={name} size="small" isHere />
            <span dir="auto">{name}</span>
          </li>
        ))}
      </ul>
      {here.length < room.count.value && <p class="quiet">{t('room.here', { n: room.count.value })}</p>}
    </>
  );
};

const levels: Level[] = ['all', 'mentions', 'none'];

const LevelDialog = ({ room, onClose }: { room: Room; onClose: () => void }) => (
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

const Topic = ({ room, onClose }: { room: Room; onClose: () => void }) => {
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

export const Dots = () => (
  <span class="dots" aria-hidden="true">
    <i />
    <i />
    <i />
  </span>
);

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

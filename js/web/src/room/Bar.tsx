import { useEffect } from 'preact/hooks';
import { Avatar } from '../parts/Avatar';
import { Dialog } from '../parts/Dialog';
import { Icon } from '../parts/Icon';
import { laterDialog } from '../parts/later';
import { named } from '../parts/named';
import { rooms } from '../state/chat';
import type { Room } from '../state/room';
import { homeUrl, searchUrl } from '../state/route';
import { t } from '../state/text';
import { ArchiveDialog } from './Archive';
import { LevelDialog, Topic } from './BarDialogs';
import { panel } from './state';

const Pins = laterDialog(() => import('./Pins'));
const shownPeople = 3;

/** The head of a room: what it is about, who is here, what is pinned. */
export const Bar = ({ room }: { room: Room }) => {
  const open = panel.value;
  const close = () => {
    panel.value = undefined;
  };
  useEffect(() => close, []);
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
          <button type="button" class="about" aria-haspopup="dialog" {...named(t('room.about'))} onClick={() => (panel.value = 'about')} />
        </div>
        {room.isArchived.value ? (
          <span class="topic" dir="auto">
            {room.topic.value}
          </span>
        ) : (
          <button type="button" class="topic" title={room.topic.value} onClick={() => (panel.value = 'topic')}>
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
          onClick={() => (panel.value = 'pins')}
        >
          <Icon name="pin" small />
          <span class="wide-only">{t('room.pins', { n: room.pins.value.length })}</span>
          <span class="narrow-only">{room.pins.value.length}</span>
        </button>
      )}
      <button type="button" class="people" title={t('room.people')} onClick={() => (panel.value = 'people')}>
        <span class="hidden">
          {t('room.people')}: {t('room.here', { n: room.count.value })}
        </span>
        {here.slice(0, shownPeople).map((name) => (
          <Avatar key={name} name={name} size="small" />
        ))}
        <span aria-hidden="true">{room.count.value}</span>
      </button>
      <button type="button" class="icon-button" {...named(t('room.notify'))} onClick={() => (panel.value = 'level')}>
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
              <button type="button" class="secondary" onClick={() => (panel.value = 'topic')}>
                {t(room.topic.value ? 'room.topic' : 'room.addTopic')}
              </button>
              <button type="button" class="secondary" onClick={() => (panel.value = 'archive')}>
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

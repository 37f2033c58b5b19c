import { computed } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Avatar } from '../parts/Avatar';
import { Dots } from '../parts/Dots';
import { Icon, Mark } from '../parts/Icon';
import { named } from '../parts/named';
import { workspace } from '../state/base';
import { current, rooms, standing } from '../state/chat';
import { dialog } from '../state/dialog';
import { useSpot } from '../state/focus';
import type { Room } from '../state/room';
import { readRooms, totals, unreadRooms } from '../state/rooms';
import { homeUrl, roomUrl, route, searchUrl, settingsUrl } from '../state/route';
import { settings } from '../state/settings';
import { type Key, keyName, t } from '../state/text';
import { wordsOf } from '../state/words';

const maxPeople = 30;

const people = computed(() => [...new Set(rooms.value.flatMap((room) => room.users.value ?? []))].sort((a, b) => a.localeCompare(b)));

/** The links to the rooms that are listed, by the rooms' names. */
const links = new Map<string, HTMLAnchorElement>();

/** The rooms, who is here, and oneself. */
export const Sidebar = () => {
  const [unread, read] = [unreadRooms.value, readRooms.value];
  const { name } = settings.value;
  const others = people.value.filter((person) => person !== name);
  const element = useRef<HTMLElement>(null);
  useSpot('rooms', element, () => links.get(current.peek()?.name ?? '') ?? links.get((unread[0] ?? read[0])?.name ?? ''));
  // A room that goes from one group to the other is another element: the focus goes with it.
  const [focused, before] = [...links].find(([, link]) => link === document.activeElement) ?? [];
  useLayoutEffect(() => {
    if (focused !== undefined && !before?.isConnected) links.get(focused)?.focus();
  });
  // The room that is open is in sight, wherever the list was.
  useLayoutEffect(() => links.get(current.peek()?.name ?? '')?.scrollIntoView({ block: 'nearest' }), [current.value, rooms.value.length]);
  // On a phone the list is a view of its own.
  const isAlone = route.value.view === 'home';
  const Side = isAlone ? 'main' : 'nav';
  return (
    <Side class="side" ref={element} aria-label={t('side.label')}>
      <div class="brand">
        <Mark />
        {isAlone ? <h1>{workspace}</h1> : <strong>{workspace}</strong>}
        <button type="button" class="icon-button" {...named(t('side.newRoom'))} onClick={() => (dialog.value = 'room')}>
          <Icon name="plus" />
        </button>
      </div>
      <button type="button" class="jump" onClick={() => (dialog.value = 'jump')}>
        <Icon name="search" small />
        <span>{t('side.jump')}</span>
        <kbd aria-hidden="true">{keyName('Ctrl')} K</kbd>
      </button>
      <div class="rooms">
        {unread.length > 0 && <Group title={t('side.catchUp')} rooms={unread} />}
        {read.length > 0 && <Group title={t('side.rooms')} rooms={read} />}
        {others.length > 0 && (
          <>
            <h2>{t('side.here')}</h2>
            <ul>
              {others.slice(0, maxPeople).map((person) => (
                <li key={person} class="person">
                  <Avatar name={person} size="small" isHere />
                  <span class="name" dir="auto">
                    {person}
                  </span>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
      <div class="me">
        <Avatar name={name} size="small" isHere />
        <div>
          <b dir="auto">{name}</b>
          <small>{t(`state.${standing.value}` as Key)}</small>
        </div>
        <a class="icon-button" href={settingsUrl} {...named(t('side.settings'))} aria-current={route.value.view === 'settings' ? 'page' : undefined}>
          <Icon name="gear" />
        </a>
      </div>
      <Tabs />
    </Side>
  );
};

const Group = ({ title, rooms: shown }: { title: string; rooms: Room[] }) => (
  <>
    <h2>{title}</h2>
    <ul>
      {shown.map((room) => (
        <li key={room.name}>
          <RoomLink room={room} />
        </li>
      ))}
    </ul>
  </>
);

const RoomLink = ({ room }: { room: Room }) => {
  const unread = room.badge.value;
  const mentioned = room.badgeAt.value;
  const last = room.last.value;
  const isTyped = room.typing.value.some((name) => name !== settings.value.name);
  const hasMore = room.hasMoreUnread.value;
  const link = useRef<HTMLAnchorElement>(null);
  useLayoutEffect(() => {
    const { current: element } = link;
    if (element) links.set(room.name, element);
    return () => {
      if (links.get(room.name) === element) links.delete(room.name);
    };
  }, [room.name]);
  return (
    <a
      ref={link}
      href={roomUrl(room.name)}
      class={unread > 0 ? 'room-link unread' : 'room-link'}
      aria-current={current.value === room ? 'page' : undefined}
    >
      <span class="hash" aria-hidden="true">
        #
      </span>
      <span class="name" dir="auto">
        {room.name}
        <small>
          {!last
            ? t('side.nothing')
            : last.deleted
              ? t('message.deleted')
              : last.username === settings.value.name
                ? t('side.you', { text: wordsOf(last).slice(0, 80) })
                : `${last.username}: ${wordsOf(last).slice(0, 80)}`}
        </small>
      </span>
      {isTyped && (
        <span role="img" aria-label={t('side.typing')}>
          <Dots />
        </span>
      )}
      {unread > 0 && (
        <span class={mentioned > 0 ? 'count at' : 'count'}>
          <span aria-hidden="true">
            {unread}
            {hasMore && '+'}
          </span>
          <span class="hidden">
            {mentioned > 0 && `${t('side.mentions', { n: mentioned })}, `}
            {t(hasMore ? 'side.unreadMore' : 'side.unread', { n: unread })}
          </span>
        </span>
      )}
    </a>
  );
};

const Tabs = () => {
  const { view } = route.value;
  const mentioned = totals.mentioned.value;
  const { name } = settings.value;
  const query = view === 'search' ? (route.value as { query: string }).query : '';
  const mine = `"@${name}"`;
  const tab = (isCurrent: boolean) => (isCurrent ? 'page' : undefined);
  return (
    <div class="tabs">
      <a href={homeUrl} aria-current={tab(view === 'home')}>
        <Icon name="home" />
        {t('tabs.home')}
      </a>
      <a href={searchUrl(mine)} aria-current={tab(view === 'search' && query === mine)}>
        <Icon name="at" />
        {t('tabs.mentions')}
        {mentioned > 0 && <span class="count at">{mentioned}</span>}
      </a>
      <a href={searchUrl('')} aria-current={tab(view === 'search' && query !== mine)}>
        <Icon name="search" />
        {t('tabs.search')}
      </a>
      <a href={settingsUrl} aria-current={tab(view === 'settings')}>
        <Icon name="user" />
        {t('tabs.you')}
      </a>
    </div>
  );
};

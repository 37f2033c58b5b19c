import { useSignalEffect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { laterPage, laterPane } from '../parts/later';
import { Conversation, Missing } from '../room/Conversation';
import { base } from '../state/base';
import { current, missing, rooms, standing } from '../state/chat';
import { dialog } from '../state/dialog';
import type { Room } from '../state/room';
import { follow, go, roomUrl, route } from '../state/route';
import { isNarrow } from '../state/screen';
import { settings } from '../state/settings';
import { t } from '../state/text';
import { Announcer } from './Announcer';
import { Done, Jump, Keys, NewRoom, Problem } from './Jump';
import { Sidebar } from './Sidebar';
import { update } from './update';
import { Welcome } from './Welcome';

const ThreadPane = laterPane(() => import('../thread/ThreadPane'));
const Search = laterPage(() => import('../search/Search'));
const Settings = laterPage(() => import('./Settings'));

const lastKey = `confab${base}.room`;

export const App = () => {
  if (!settings.value.name) return <Welcome />;
  const { value: at } = route;
  const close = () => {
    dialog.value = undefined;
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: links within the page are followed without loading it anew.
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter on a link is a click.
    <div class={standing.value === 'open' ? 'app' : 'app is-offline'} data-view={at.view} onClick={follow}>
      <Skip />
      <Sidebar />
      {at.view === 'room' && <Open name={at.room} linked={at.message} thread={at.thread} />}
      {at.view === 'search' && <Search query={at.query} />}
      {at.view === 'settings' && <Settings />}
      {at.view === 'home' && <Home />}
      {dialog.value === 'jump' && <Jump onClose={close} />}
      {dialog.value === 'room' && <NewRoom onClose={close} />}
      {dialog.value === 'keys' && <Keys onClose={close} />}
      <Problem />
      <Done />
      <Update />
      <Announcer />
    </div>
  );
};

// Past the list, which is the content itself where there is nothing beside it.
const Skip = () => {
  const { view } = route.value;
  const isForWriting = view === 'search' || (view === 'room' && current.value !== undefined);
  if (view === 'home') return null;
  return (
    <a class="skip" href={isForWriting ? '#composer' : '#main'}>
      {t(isForWriting && view === 'room' ? 'app.skip' : 'app.skipList')}
    </a>
  );
};

const Open = ({ name, linked, thread }: { name: string; linked: number | undefined; thread: number | undefined }) => {
  const room = current.value;
  useEffect(() => {
    if (room) localStorage.setItem(lastKey, room.name);
  }, [room]);
  if (room)
    return (
      <>
        <Conversation room={room} linked={linked} />
        {thread !== undefined && <ThreadPane key={`${room.name}/${thread}`} room={room} id={thread} />}
      </>
    );
  // Before the server was asked nobody knows.
  return missing.value === name ? <Missing name={name} /> : <main class="room" id="main" tabindex={-1} />;
};

const liveliest = (all: readonly Room[]): Room | undefined =>
  all.toSorted((a, b) => (b.last.value?.timestamp ?? '').localeCompare(a.last.value?.timestamp ?? ''))[0];

// Where there is space for two panes, a room is open.
const Home = () => {
  useSignalEffect(() => {
    const last = localStorage.getItem(lastKey);
    const room = rooms.value.find(({ name }) => name === last) ?? rooms.value.find(({ name }) => name === 'general') ?? liveliest(rooms.value);
    if (room && !isNarrow.peek()) go(roomUrl(room.name), true);
  });
  return <div class="room" />;
};

const Update = () =>
  update.value === undefined ? null : (
    <div class="toast" role="status">
      <span>{t('app.update')}</span>
      <button type="button" onClick={update.value}>
        {t('app.reload')}
      </button>
    </div>
  );

import { useEffect, useState } from 'preact/hooks';
import { Dialog } from '../parts/Dialog';
import { Icon } from '../parts/Icon';
import { named } from '../parts/named';
import { all, archived, createRoom, problem, rooms, whyNotMade } from '../state/chat';
import { focusComposer } from '../state/focus';
import { fold } from '../state/mention';
import { done } from '../state/problem';
import type { Room } from '../state/room';
import { go, roomUrl, searchUrl } from '../state/route';
import { type Key, keyName, t } from '../state/text';

const maxShown = 8;

/** One key away: every room, and the search. */
export const Jump = ({ onClose }: { onClose: () => void }) => {
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const sought = fold(query.trim().replace(/^#/, ''));
  const rank = ({ name, isArchived }: Room) => (isArchived.value ? 2 : fold(name).startsWith(sought) ? 0 : 1);
  // Those that are archived are looked for, not looked through.
  const found = (sought ? all : rooms).value
    .filter(({ name }) => fold(name).includes(sought))
    .sort((a, b) => rank(a) - rank(b) || b.badge.value - a.badge.value)
    .slice(0, maxShown);
  useEffect(() => void archived().catch(() => {}), []);
  const urls = [...found.map(({ name }) => roomUrl(name)), ...(query.trim() ? [searchUrl(query.trim())] : [])];
  const leave = (url: string | undefined) => {
    onClose();
    if (url) go(url);
  };
  return (
    <Dialog title={t('jump.label')} isTitleHidden onClose={onClose}>
      <input
        class="field big"
        type="text"
        role="combobox"
        aria-label={t('jump.label')}
        aria-expanded="true"
        aria-controls="jump-list"
        aria-activedescendant={urls.length > 0 ? `jump-${chosen}` : undefined}
        placeholder={t('jump.placeholder')}
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (step && urls.length > 0) setChosen((chosen + step + urls.length) % urls.length);
          else if (event.key === 'Enter') leave(urls[chosen]);
          else return;
          event.preventDefault();
        }}
      />
      <ul class="menu" id="jump-list" role="listbox" aria-label={t('jump.rooms')}>
        {urls.map((url, index) => {
          const room = found[index];
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field, which keeps the focus.
            <li key={url} id={`jump-${index}`} role="option" tabindex={-1} aria-selected={index === chosen} onClick={() => leave(url)}>
              {room ? (
                <>
                  <span class="hash" aria-hidden="true">
                    #
                  </span>
                  <span class="name">{room.name}</span>
                  {room.isArchived.value && <small class="quiet">{t('archive.archived')}</small>}
                  {room.badge.value > 0 && <span class={room.badgeAt.value > 0 ? 'count at' : 'count'}>{room.badge.value}</span>}
                </>
              ) : (
                <>
                  <Icon name="search" small />
                  <span class="name">{t('jump.search', { query: query.trim() })}</span>
                </>
              )}
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
};

/** Makes a room. */
export const NewRoom = ({ onClose }: { onClose: () => void }) => {
  const [name, setName] = useState('');
  const [topic, setTopic] = useState('');
  const [error, setError] = useState<string | undefined>(undefined);
  const create = () => {
    createRoom(name.trim(), topic.trim()).then(
      () => {
        onClose();
        // The dialog gives the focus back first.
        requestAnimationFrame(() => focusComposer());
      },
      (failure: unknown) => setError(t(whyNotMade(failure))),
    );
  };
  return (
    <Dialog title={t('side.newRoom')} onClose={onClose}>
      <p class="quiet">{t('room.newText')}</p>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) create();
        }}
      >
        <label>
          {t('room.name')}
          <input
            class="field"
            dir="auto"
            required
            maxLength={64}
            value={name}
            aria-invalid={error !== undefined}
            aria-describedby={error ? 'room-error' : undefined}
            onInput={(event) => {
              setName(event.currentTarget.value);
              setError(undefined);
            }}
          />
        </label>
        {error && (
          <p class="error" id="room-error" role="alert">
            {error}
          </p>
        )}
        <label>
          {t('room.topicLabel')}
          <input class="field" dir="auto" maxLength={250} value={topic} onInput={(event) => setTopic(event.currentTarget.value)} />
        </label>
        <button class="primary" type="submit">
          {t('room.create')}
        </button>
      </form>
    </Dialog>
  );
};

const keys: [string[][], Key][] = [
  [[['Ctrl', 'K']], 'keys.jump'],
  [
    [
      ['Alt', '↑'],
      ['Alt', '↓'],
    ],
    'keys.rooms',
  ],
  [
    [
      ['Alt', 'Shift', '↑'],
      ['Alt', 'Shift', '↓'],
    ],
    'keys.unread',
  ],
  [[['↑']], 'keys.editLast'],
  [[['↑'], ['↓'], ['k'], ['j']], 'keys.messages'],
  [[['r']], 'keys.reply'],
  [[['t']], 'keys.thread'],
  [[['e']], 'keys.edit'],
  [[['+']], 'keys.react'],
  [[['p']], 'keys.pin'],
  [[['Home'], ['End']], 'keys.ends'],
  [[['Esc']], 'keys.escape'],
  [[['F6']], 'keys.regions'],
  [[['Ctrl', '/']], 'keys.list'],
];

/** What the keys do. */
export const Keys = ({ onClose }: { onClose: () => void }) => (
  <Dialog title={t('keys.title')} onClose={onClose}>
    <dl class="keys">
      {keys.map(([combinations, what]) => (
        <div key={what}>
          <dt>{t(what)}</dt>
          <dd>
            {combinations.map((combination) => (
              <span key={combination.join()}>
                {combination.map((key) => (
                  <kbd key={key}>{keyName(key)}</kbd>
                ))}
              </span>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  </Dialog>
);

export const Problem = () =>
  problem.value === undefined ? null : (
    <div class="toast" role="alert">
      <span>{t(problem.value.key, { n: problem.value.n ?? 0 })}</span>
      <button type="button" class="icon-button" {...named(t('app.close'))} onClick={() => (problem.value = undefined)}>
        <Icon name="x" small />
      </button>
    </div>
  );

/** What was done. The place where it is told is there before, so that a screen reader tells it. */
export const Done = () => (
  <div class="told" role="status">
    {done.value && <div class="toast">{t(done.value)}</div>}
  </div>
);

import type { RefObject } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Avatar } from '../parts/Avatar';
import { Icon } from '../parts/Icon';
import { named } from '../parts/named';
import { ArchivedRooms } from '../room/Archive';
import { rename, rooms } from '../state/chat';
import { dialog } from '../state/dialog';
import { useSpot } from '../state/focus';
import { nameFrom } from '../state/names';
import { homeUrl } from '../state/route';
import { change, type Level, settings } from '../state/settings';
import { type Key, languages, t } from '../state/text';
import { install } from './install';

const levels: Level[] = ['all', 'mentions', 'none'];

const Settings = () => {
  const body = useRef<HTMLDivElement>(null);
  const first = useRef<HTMLInputElement>(null);
  useSpot('content', body, () => first.current);
  const { theme, density, language, notifications, sound } = settings.value;
  return (
    <main class="page" id="main" tabindex={-1}>
      <div class="bar">
        <a class="back icon-button" href={homeUrl} {...named(t('room.back'))}>
          <Icon name="left" />
        </a>
        <h1>{t('settings.title')}</h1>
      </div>
      <div class="page-body form" ref={body}>
        <Name field={first} />
        <Choice label="settings.theme" value={theme} options={['system', 'light', 'dark']} onPick={(value) => change({ theme: value })} />
        <Choice label="settings.density" value={density} options={['cosy', 'compact']} onPick={(value) => change({ density: value })} />
        <label>
          {t('settings.language')}
          <select class="field" value={language} onChange={(event) => change({ language: event.currentTarget.value })}>
            <option value="">{t('settings.languageSystem')}</option>
            {Object.entries(languages).map(([tag, name]) => (
              <option key={tag} value={tag} lang={tag}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <h2>{t('settings.notifications')}</h2>
        <Notifications isOn={notifications} />
        <label class="check">
          <input type="checkbox" checked={sound} onChange={(event) => change({ sound: event.currentTarget.checked })} />
          {t('settings.sound')}
        </label>
        <h2>{t('settings.level')}</h2>
        <LevelOf room="*" label={t('settings.everywhere')} />
        {rooms.value.map(({ name }) => (
          <LevelOf key={name} room={name} label={`#${name}`} />
        ))}
        <ArchivedRooms />
        <div class="buttons">
          <button type="button" class="secondary" onClick={() => (dialog.value = 'keys')}>
            {t('settings.keys')}
          </button>
          {install.value && (
            <button type="button" class="secondary" onClick={install.value}>
              {t('settings.install')}
            </button>
          )}
        </div>
        <p class="quiet">{t('settings.about')}</p>
      </div>
    </main>
  );
};

const Name = ({ field }: { field: RefObject<HTMLInputElement | null> }) => {
  const [text, setText] = useState(settings.peek().name);
  const [error, setError] = useState<string | undefined>(undefined);
  const save = () => {
    const name = nameFrom(text);
    if (!name) return setError(t(text.trim() ? 'name.refused' : 'name.required'));
    rename(name).then(
      () => setText(settings.peek().name),
      () => setError(t('name.refused')),
    );
  };
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Avatar name={text || '?'} />
      <label>
        {t('settings.name')}
        <input
          ref={field}
          class="field"
          dir="auto"
          autocomplete="nickname"
          maxLength={64}
          value={text}
          aria-invalid={error !== undefined}
          aria-describedby={error ? 'name-error' : 'name-help'}
          onInput={(event) => {
            setText(event.currentTarget.value);
            setError(undefined);
          }}
        />
      </label>
      <button class="primary" type="submit" aria-disabled={text.trim() === settings.value.name}>
        {t('app.save')}
      </button>
      <p class="quiet" id="name-help">
        {t('settings.nameHelp')}
      </p>
      {error && (
        <p class="error" id="name-error" role="alert">
          {error}
        </p>
      )}
    </form>
  );
};

const Choice = <T extends string>({ label, value, options, onPick }: { label: Key; value: T; options: T[]; onPick: (value: T) => void }) => (
  <fieldset class="choice">
    <legend>{t(label)}</legend>
    {options.map((option) => (
      <label key={option}>
        <input type="radio" name={label} checked={option === value} onChange={() => onPick(option)} />
        {t(`${label}.${option}` as Key)}
      </label>
    ))}
  </fieldset>
);

const Notifications = ({ isOn }: { isOn: boolean }) => {
  const [isDenied, setDenied] = useState(false);
  if (!('Notification' in globalThis)) return null;
  const set = async (wanted: boolean) => {
    const permission = wanted ? await Notification.requestPermission() : 'granted';
    setDenied(permission !== 'granted');
    change({ notifications: wanted && permission === 'granted' });
  };
  return (
    <>
      <label class="check">
        <input type="checkbox" checked={isOn} onChange={(event) => void set(event.currentTarget.checked)} />
        {t('settings.notify')}
      </label>
      {isDenied && (
        <p class="error" role="alert">
          {t('settings.denied')}
        </p>
      )}
    </>
  );
};

const LevelOf = ({ room, label }: { room: string; label: string }) => (
  <label class="level">
    <span dir="auto">{label}</span>
    <select
      class="field"
      value={settings.value.levels[room] ?? ''}
      aria-label={`${t('settings.level')}: ${label}`}
      onChange={(event) => {
        const { [room]: _, ...rest } = settings.peek().levels;
        const { value } = event.currentTarget;
        change({ levels: value ? { ...rest, [room]: value as Level } : rest });
      }}
    >
      {room !== '*' && <option value="">{t('settings.level.default')}</option>}
      {levels.map((level) => (
        <option key={level} value={level}>
          {t(`settings.level.${level}` as Key)}
        </option>
      ))}
    </select>
  </label>
);

export default Settings;

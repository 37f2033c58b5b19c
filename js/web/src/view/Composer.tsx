import { effect, signal } from '@preact/signals';
import type { Message } from 'confab-client';
import { lazy, Suspense } from 'preact/compat';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { edit, limits, markRead, problem, send, type } from '../state/chat';
import { dropEdit, keptEdit } from '../state/edits';
import type { Room } from '../state/room';
import { go, openThread, roomUrl } from '../state/route';
import { settings } from '../state/settings';
import { keyName, t } from '../state/text';
import { putBack, take, upload, uploads } from '../state/uploads';
import { wordsOf } from '../state/words';
import { Uploads } from './Attachments';
import { Avatar } from './Avatar';
import { ConnectionStrip } from './ConnectionStrip';
import { Icon } from './Icon';

const EmojiPicker = lazy(() => import('./EmojiPicker'));
const defaultMaxBytes = 16_384;
const warnBytes = 1_000;
const maxSuggestions = 6;

/** A message that is answered; of one that is not at hand, only its number is known. */
type Answered = Pick<Message, 'id'> & Partial<Message>;

/** What the box is for, besides a new message. */
export const mode = signal<{ room: string; reply?: Answered; edit?: Message }>({ room: '' });

/** How often something was sent: each time the end of the room is shown. */
export const sent = signal(0);

const draftKey = (room: string): string => `confab.draft.${room}`;

const keepDraft = (room: string, text: string): void => {
  if (text) localStorage.setItem(draftKey(room), text);
  else localStorage.removeItem(draftKey(room));
};

/** Puts words into a room's box, after those that are there, with the files that go with them and what they answer. */
export const compose = (room: string, text: string, files: string[], reply: Answered | undefined): void => {
  const draft = localStorage.getItem(draftKey(room));
  keepDraft(room, [draft, text].filter(Boolean).join('\n'));
  putBack(room, files);
  // What was being edited is left: these words would take its place.
  mode.value = { room, reply: reply ?? (mode.peek().room === room ? mode.peek().reply : undefined) };
  drafted.value = { room };
  focusComposer();
};

const drafted = signal<{ room: string }>({ room: '' });

const box = (): HTMLTextAreaElement | null => document.querySelector('#composer');

export const focusComposer = (): void => box()?.focus();

/** Where one writes. */
export const Composer = ({ room }: { room: Room }) => {
  const element = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const [isPicking, setPicking] = useState(false);
  const [suggestions, setSuggestions] = useState<string[]>([]);
  const [chosen, setChosen] = useState(0);
  const [isOver, setOver] = useState(false);
  const { reply, edit: edited } = mode.value.room === room.name ? mode.value : {};
  const bytes = new TextEncoder().encode(text.trim()).length;
  const left = (limits()?.content_bytes ?? defaultMaxBytes) - bytes;
  const files = edited ? [] : uploads.value.filter((file) => file.room === room.name);
  const areReady = files.every(({ id }) => id);
  const canSend = (text.trim() !== '' || (files.length > 0 && !edited)) && left >= 0 && areReady;
  const picker = useRef<HTMLInputElement>(null);
  const attach = (given: Iterable<File>) => {
    if (!upload(room.name, given, limits())) problem.value = { key: 'file.tooMany', n: limits()?.files_per_message ?? 0 };
  };

  useLayoutEffect(() => {
    setText(localStorage.getItem(draftKey(room.name)) ?? '');
    mode.value = { room: room.name };
    if (matchMedia('(hover: hover)').matches) element.current?.focus();
    return effect(() => {
      if (drafted.value.room === room.name) setText(localStorage.getItem(draftKey(room.name)) ?? '');
    });
  }, [room]);

  useEffect(() => {
    if (edited) setText(keptEdit(room.name, edited.id) ?? edited.content);
    if (edited || reply) element.current?.focus();
  }, [edited, reply]);

  const write = (value: string) => {
    setText(value);
    if (!edited) keepDraft(room.name, value);
    if (value.trim()) type(room.name);
  };

  const insert = (value: string, from = element.current?.selectionStart ?? text.length, to = element.current?.selectionEnd ?? from) => {
    write(text.slice(0, from) + value + text.slice(to));
    requestAnimationFrame(() => {
      element.current?.focus();
      element.current?.setSelectionRange(from + value.length, from + value.length);
    });
  };

  const stop = () => {
    if (edited) setText(localStorage.getItem(draftKey(room.name)) ?? '');
    mode.value = { room: room.name };
  };

  const submit = () => {
    const said = text.trim();
    if (!canSend) return;
    if (edited) {
      dropEdit(room.name, edited.id);
      if (said !== edited.content) edit(room.name, edited.id, said);
      stop();
      return;
    }
    send(room.name, said, reply?.id, take(room.name));
    if (openThread.peek() === undefined) go(roomUrl(room.name), true);
    sent.value++;
    markRead(room);
    keepDraft(room.name, '');
    setText('');
    stop();
  };

  const suggest = () => {
    const { value, selectionStart } = element.current ?? { value: '', selectionStart: 0 };
    const begun = /(?:^|\s)@([^\s@]*)$/.exec(value.slice(0, selectionStart))?.[1]?.toLocaleLowerCase();
    setChosen(0);
    if (begun === undefined) return setSuggestions([]);
    const authors = room.timeline.messages.peek().map(({ username }) => username);
    const people = [...new Set([...(room.users.peek() ?? []), ...authors.reverse()])].filter((name) => name !== settings.peek().name);
    setSuggestions(people.filter((name) => name.toLocaleLowerCase().startsWith(begun)).slice(0, maxSuggestions));
  };

  const mention = (name: string) => {
    const to = element.current?.selectionStart ?? text.length;
    insert(`@${name} `, text.slice(0, to).lastIndexOf('@'), to);
    setSuggestions([]);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (suggestions.length > 0) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        setChosen((chosen + step + suggestions.length) % suggestions.length);
        return;
      }
      if ((event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey) {
        event.preventDefault();
        mention(suggestions[chosen] ?? '');
        return;
      }
      if (event.key === 'Escape') {
        event.stopPropagation();
        setSuggestions([]);
        return;
      }
    }
    if (event.key === 'Enter' && !event.shiftKey && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      submit();
    } else if (event.key === 'ArrowUp' && text === '' && !event.altKey && !edited) {
      const mine = room.timeline.messages.peek().findLast(({ username, deleted }) => username === settings.peek().name && !deleted);
      if (!mine) return;
      event.preventDefault();
      mode.value = { room: room.name, edit: mine };
    } else if (event.key === 'Escape' && (edited || reply)) {
      event.stopPropagation();
      stop();
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: files may be dropped; the button does the same.
    <div
      class={isOver ? 'dock over' : 'dock'}
      onDragOver={(event) => {
        if (!event.dataTransfer?.types.includes('Files')) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        if (!event.dataTransfer?.files.length) return;
        event.preventDefault();
        attach(event.dataTransfer.files);
      }}
    >
      <ConnectionStrip room={room} />
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {(edited || reply) && (
          <div class="mode">
            <Icon name={edited ? 'pen' : 'reply'} small />
            <span>
              {edited ? t('composer.editing') : t('composer.replying', { name: reply?.username ?? `#${reply?.id}` })}
              {reply && <small dir="auto">{wordsOf(reply).slice(0, 100)}</small>}
            </span>
            <button type="button" class="icon-button" aria-label={t('composer.stop')} onClick={stop}>
              <Icon name="x" small />
            </button>
          </div>
        )}
        {suggestions.length > 0 && (
          <ul class="suggestions" id="suggestions" role="listbox" aria-label={t('composer.suggestions')}>
            {suggestions.map((name, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the box, which keeps the focus.
              <li
                key={name}
                id={`suggestion-${index}`}
                role="option"
                tabindex={-1}
                aria-selected={index === chosen}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => mention(name)}
              >
                <Avatar name={name} size="small" />
                {name}
              </li>
            ))}
          </ul>
        )}
        {files.length > 0 && <Uploads uploads={files} maxBytes={limits()?.file_bytes ?? 0} />}
        <textarea
          id="composer"
          ref={element}
          rows={1}
          dir="auto"
          value={text}
          aria-label={t('composer.label', { room: room.name })}
          placeholder={t('composer.placeholder', { room: room.name })}
          aria-autocomplete="list"
          aria-controls={suggestions.length > 0 ? 'suggestions' : undefined}
          aria-activedescendant={suggestions.length > 0 ? `suggestion-${chosen}` : undefined}
          onInput={(event) => {
            write(event.currentTarget.value);
            suggest();
          }}
          onClick={suggest}
          onPaste={(event) => {
            if (!event.clipboardData?.files.length) return;
            event.preventDefault();
            attach(event.clipboardData.files);
          }}
          onBlur={() => setSuggestions([])}
          onKeyDown={onKeyDown}
        />
        <div class="tools">
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            onChange={(event) => {
              attach(event.currentTarget.files ?? []);
              event.currentTarget.value = '';
            }}
          />
          <button type="button" class="icon-button" aria-label={t('file.attach')} onClick={() => picker.current?.click()}>
            <Icon name="clip" />
          </button>
          <button type="button" class="icon-button" aria-label={t('composer.emoji')} onClick={() => setPicking(true)}>
            <Icon name="smile" />
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label={t('composer.mention')}
            onClick={() => {
              insert(text === '' || /\s$/.test(text) ? '@' : ' @');
              requestAnimationFrame(() => requestAnimationFrame(suggest));
            }}
          >
            <Icon name="at" />
          </button>
          <button type="button" class="icon-button wide-only" aria-label={t('composer.code')} onClick={() => insert('```\n\n```')}>
            <Icon name="code" />
          </button>
          <span class="gap" />
          {left < warnBytes && (
            <span class={left < 0 ? 'tip over' : 'tip'} role="status">
              {left < 0 ? t('composer.over', { n: -left }) : t('composer.left', { n: left })}
            </span>
          )}
          {left >= warnBytes && (
            <span class="tip wide-only" aria-hidden="true">
              <kbd>{keyName('Shift')}</kbd> <kbd>{keyName('Enter')}</kbd> {t('composer.newLine')}
            </span>
          )}
          <button class="send" type="submit" aria-label={t(edited ? 'composer.save' : 'composer.send')} aria-disabled={!canSend}>
            <Icon name="up" />
            <span>{t(edited ? 'composer.save' : 'composer.send')}</span>
          </button>
        </div>
      </form>
      {isPicking && (
        <Suspense fallback={null}>
          <EmojiPicker
            onClose={() => setPicking(false)}
            onPick={(emoji) => {
              setPicking(false);
              insert(emoji);
            }}
          />
        </Suspense>
      )}
    </div>
  );
};

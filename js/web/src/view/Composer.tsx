import { effect, signal } from '@preact/signals';
import type { Message } from 'confab-client';
import { lazy, Suspense } from 'preact/compat';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { edit, limits, problem, send, type } from '../state/chat';
import { dropEdit, keptEdit } from '../state/edits';
import type { Room } from '../state/room';
import { settings } from '../state/settings';
import { keyName, t } from '../state/text';
import type { Thread } from '../state/thread';
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

/** Which box it is: that of a room, or of one of its threads. */
export const placeOf = (room: string, thread: number | undefined): string => (thread === undefined ? room : `${room}/${thread}`);

/** What a box is for, besides a new message. */
export const mode = signal<{ place: string; reply?: Answered; edit?: Message }>({ place: '' });

/** How often something was sent: each time the end of the room is shown. */
export const sent = signal(0);

const draftKey = (place: string): string => `confab.draft.${place}`;

const draftOf = (place: string): string => localStorage.getItem(draftKey(place)) ?? '';

const keepDraft = (place: string, text: string): void => {
  if (text) localStorage.setItem(draftKey(place), text);
  else localStorage.removeItem(draftKey(place));
};

/** Puts words into a box, after those that are there, with the files that go with them and what they answer. */
export const compose = (room: string, thread: number | undefined, text: string, files: string[], reply: Answered | undefined): void => {
  const place = placeOf(room, thread);
  keepDraft(place, [draftOf(place), text].filter(Boolean).join('\n'));
  putBack(place, room, files);
  // What was being edited is left: these words would take its place.
  mode.value = { place, reply: reply ?? (mode.peek().place === place ? mode.peek().reply : undefined) };
  drafted.value = { place };
  focusComposer(thread);
};

const drafted = signal<{ place: string }>({ place: '' });

const idOf = (thread: number | undefined): string => (thread === undefined ? 'composer' : 'thread-composer');

export const focusComposer = (thread?: number): void => document.querySelector<HTMLElement>(`#${idOf(thread)}`)?.focus();

/** Where one writes: in a room, or in one of its threads. */
export const Composer = ({ room, thread, onSend }: { room: Room; thread?: Thread; onSend: () => void }) => {
  const place = placeOf(room.name, thread?.id);
  const id = idOf(thread?.id);
  const element = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const [isPicking, setPicking] = useState(false);
  const [suggestions, setSuggestions] = useState<string[]>([]);
  const [chosen, setChosen] = useState(0);
  const [isOver, setOver] = useState(false);
  const { reply, edit: edited } = mode.value.place === place ? mode.value : {};
  const bytes = new TextEncoder().encode(text.trim()).length;
  const left = (limits()?.content_bytes ?? defaultMaxBytes) - bytes;
  const files = edited ? [] : uploads.value.filter((file) => file.place === place);
  const areReady = files.every(({ id }) => id);
  const canSend = (text.trim() !== '' || (files.length > 0 && !edited)) && left >= 0 && areReady;
  const picker = useRef<HTMLInputElement>(null);
  const attach = (given: Iterable<File>) => {
    if (!upload(place, room.name, given, limits())) problem.value = { key: 'file.tooMany', n: limits()?.files_per_message ?? 0 };
  };
  const messages = (): readonly Message[] =>
    thread ? [thread.root.peek(), ...thread.replies.peek()].filter((message) => message !== undefined) : room.timeline.messages.peek();
  const stop = () => {
    if (mode.peek().place === place) mode.value = { place: '' };
  };

  useLayoutEffect(() => {
    // On a touch screen the keyboard would cover what there is to read.
    if (matchMedia('(hover: hover)').matches) element.current?.focus();
    const end = effect(() => {
      if (drafted.value.place === place) setText(draftOf(place));
    });
    return () => {
      end();
      stop();
    };
  }, [place]);

  useLayoutEffect(() => {
    setSuggestions([]);
    setText(edited ? (keptEdit(room.name, edited.id) ?? edited.content) : draftOf(place));
  }, [place, edited]);

  useEffect(() => {
    if (edited || reply) element.current?.focus();
  }, [edited, reply]);

  const write = (value: string) => {
    setText(value);
    if (!edited) keepDraft(place, value);
    if (value.trim()) type(room.name);
  };

  const insert = (value: string, from = element.current?.selectionStart ?? text.length, to = element.current?.selectionEnd ?? from) => {
    write(text.slice(0, from) + value + text.slice(to));
    requestAnimationFrame(() => {
      element.current?.focus();
      element.current?.setSelectionRange(from + value.length, from + value.length);
    });
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
    send(room.name, said, thread?.id ?? reply?.id, take(place));
    keepDraft(place, '');
    setText('');
    stop();
    onSend();
  };

  const suggest = () => {
    const { value, selectionStart } = element.current ?? { value: '', selectionStart: 0 };
    const begun = /(?:^|\s)@([^\s@]*)$/.exec(value.slice(0, selectionStart))?.[1]?.toLocaleLowerCase();
    setChosen(0);
    if (begun === undefined) return setSuggestions([]);
    const authors = messages().map(({ username }) => username);
    const people = [...new Set([...(room.users.peek() ?? []), ...authors.reverse()])].filter((name) => name !== settings.peek().name);
    const found = people.filter((name) => name.toLocaleLowerCase().startsWith(begun)).slice(0, maxSuggestions);
    // A name that is written out needs no completion: the next Enter sends.
    setSuggestions(found.length === 1 && found[0]?.toLocaleLowerCase() === begun ? [] : found);
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
      const mine = messages().findLast(({ username, deleted }) => username === settings.peek().name && !deleted);
      if (!mine) return;
      event.preventDefault();
      mode.value = { place, edit: mine };
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
          <ul class="suggestions" id={`${id}-suggestions`} role="listbox" aria-label={t('composer.suggestions')}>
            {suggestions.map((name, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the box, which keeps the focus.
              <li
                key={name}
                id={`${id}-suggestion-${index}`}
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
          id={id}
          ref={element}
          rows={1}
          dir="auto"
          value={text}
          aria-label={thread ? t('thread.label') : t('composer.label', { room: room.name })}
          placeholder={thread ? t('message.reply') : t('composer.placeholder', { room: room.name })}
          aria-autocomplete="list"
          aria-controls={suggestions.length > 0 ? `${id}-suggestions` : undefined}
          aria-activedescendant={suggestions.length > 0 ? `${id}-suggestion-${chosen}` : undefined}
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
          <button
            class="send"
            type="submit"
            aria-label={t(edited ? 'composer.save' : thread ? 'thread.send' : 'composer.send')}
            aria-disabled={!canSend}
          >
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

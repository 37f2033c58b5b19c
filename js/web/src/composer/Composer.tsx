import { signal } from '@preact/signals';
import type { Message } from 'confab-client';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Uploads } from '../message/Attachments';
import { Icon } from '../parts/Icon';
import { laterDialog } from '../parts/later';
import { named } from '../parts/named';
import { edit, editing, limits, problem, send, type } from '../state/chat';
import { begunMention, completions, isName } from '../state/mention';
import type { Room } from '../state/room';
import { settings } from '../state/settings';
import { keyName, t } from '../state/text';
import { wordsOf } from '../state/words';
import type { Thread } from '../thread/thread';
import { ConnectionStrip } from './ConnectionStrip';
import { type Answered, append, draftOf, empty, write } from './drafts';
import { useDrops } from './drop';
import { beginEdit, editKey, editOf, elsewhere, endEdit, leaveEdit, writeEdit } from './edits';
import { filesOf, wordsToPaste } from './paste';
import { Suggestions } from './Suggestions';
import { putBack, restore, upload, uploads } from './uploads';
import { isInCode, typeInto, wrapInCode } from './writing';

const EmojiPicker = laterDialog(() => import('../parts/EmojiPicker'));
const defaultMaxBytes = 16_384;
const warnBytes = 1_000;
const maxSuggestions = 6;
const maxQuoted = 100;
const hasPointer = matchMedia('(hover: hover)');

/** Which box it is: that of a room, or of one of its threads. */
export const placeOf = (room: string, thread: number | undefined): string => (thread === undefined ? room : `${room}/${thread}`);

/** How often something was sent: each time the end of the room is shown. */
export const sent = signal(0);

const idOf = (thread: number | undefined): string => (thread === undefined ? 'composer' : 'thread-composer');

export const focusComposer = (thread?: number): void => document.querySelector<HTMLElement>(`#${idOf(thread)}`)?.focus();

/** What is said of a message that is answered. */
export const answer = (message: Message): Answered => ({ id: message.id, username: message.username, words: wordsOf(message).slice(0, maxQuoted) });

export const startReply = (room: string, message: Message): void => {
  leaveEdit(room);
  write(room, { reply: answer(message) });
  focusComposer();
};

export const startEdit = (room: string, thread: number | undefined, { id, content }: Message): void => {
  beginEdit(placeOf(room, thread), room, id, editing.peek().get(`${room}/${id}`) ?? content);
  focusComposer(thread);
};

/** Puts words into a box, after those that are there, with the files that go with them and what they answer. */
export const compose = (room: string, thread: number | undefined, text: string, files: string[], reply: Answered | undefined): void => {
  const place = placeOf(room, thread);
  leaveEdit(place);
  append(place, text);
  putBack(place, files);
  if (reply) write(place, { reply });
  focusComposer(thread);
};

/** Without what cannot be seen around it. The blanks of the first line stay: they may indent it, or make it code. */
const trimmed = (text: string): string => text.replace(/^\s*\n/, '').trimEnd();

/** Where one writes: in a room, or in one of its threads. */
export const Composer = ({ room, thread, onSend }: { room: Room; thread?: Thread; onSend: () => void }) => {
  const place = placeOf(room.name, thread?.id);
  const id = idOf(thread?.id);
  const element = useRef<HTMLTextAreaElement>(null);
  const [isPicking, setPicking] = useState(false);
  const [suggestions, setSuggestions] = useState<string[]>([]);
  const [chosen, setChosen] = useState(0);
  const draft = draftOf(place).value;
  const edited = editOf(place).value;
  const reply = edited ? undefined : draft.reply;
  const text = edited?.text ?? draft.text;
  // What the browser undoes in one box is not what was written in another.
  const box = `${place} ${edited?.id ?? ''} ${draft.version}`;
  const bytes = new TextEncoder().encode(trimmed(text)).length;
  const left = (limits()?.content_bytes ?? defaultMaxBytes) - bytes;
  const files = edited ? [] : draft.files;
  const coming = edited ? [] : uploads.value.filter((file) => file.place === place);
  const canSend = (text.trim() !== '' || files.length > 0) && left >= 0 && coming.length === 0;
  const picker = useRef<HTMLInputElement>(null);
  const attach = (given: Iterable<File>) => {
    if (!upload(place, room.name, given, limits())) problem.value = { key: 'file.tooMany', n: limits()?.files_per_message ?? 0 };
  };
  const take = (data: DataTransfer) => {
    const { files: given, hasFolder } = filesOf(data);
    attach(given);
    if (hasFolder) problem.value = { key: 'file.folder' };
  };
  useDrops(id, take);
  const messages = (): readonly Message[] =>
    thread ? [thread.root.peek(), ...thread.replies.peek()].filter((message) => message !== undefined) : room.timeline.messages.peek();
  const stop = () => {
    if (edited) endEdit(place, false);
    else write(place, { reply: undefined });
  };

  useLayoutEffect(() => {
    // On a touch screen the keyboard would cover what there is to read.
    if (hasPointer.matches) element.current?.focus();
    void restore(place);
    return () => {
      const { text: words, files: ready, reply: answered } = draftOf(place).peek();
      if (answered && !words && ready.length === 0) write(place, { reply: undefined });
    };
  }, [place]);

  const hadFocus = element.current !== null && element.current === document.activeElement;
  useLayoutEffect(() => {
    setSuggestions([]);
    if (hadFocus) element.current?.focus();
  }, [box]);

  const onInput = (value: string) => {
    if (edited) writeEdit(place, value);
    else write(place, { text: value });
    if (value.trim()) type(room.name);
    suggest();
  };

  const insert = (words: string) => {
    // A dialog that closes gives the focus back first.
    requestAnimationFrame(() => element.current && typeInto(element.current, words));
  };

  const submit = () => {
    const said = trimmed(text);
    if (!canSend) {
      if (coming.length > 0) problem.value = { key: coming.some(({ failed }) => failed) ? 'file.inTheWay' : 'file.onItsWay' };
      return;
    }
    if (edited) {
      if (said !== edited.was) edit(room.name, edited.id, said);
      endEdit(place, said !== edited.was);
      return;
    }
    send(
      room.name,
      said,
      thread?.id ?? reply?.id,
      files.map((file) => file.id),
    );
    empty(place);
    // What was sent comes back with the browser's undo.
    if (element.current) typeInto(element.current, '', 0, element.current.value.length);
    onSend();
  };

  const suggest = () => {
    const { value, selectionStart } = element.current ?? { value: '', selectionStart: 0 };
    const begun = begunMention(value.slice(0, selectionStart));
    setChosen(0);
    if (begun === undefined) return setSuggestions([]);
    const authors = messages().map(({ username }) => username);
    const people = [...new Set([...(room.users.peek() ?? []), ...authors.reverse()])].filter((name) => name !== settings.peek().name);
    const found = completions(begun, people).slice(0, maxSuggestions);
    // A name that is written out needs no completion: the next Enter sends.
    setSuggestions(found.length === 1 && isName(begun, found[0] ?? '') ? [] : found);
  };

  const mention = (name: string) => {
    const { current } = element;
    if (current) typeInto(current, `@${name} `, current.value.slice(0, current.selectionStart).lastIndexOf('@'), current.selectionStart);
    setSuggestions([]);
  };

  /** Whether Enter sends, or begins a new line: on a touch screen, where there is a button, and in a block of code. */
  const sends = (event: KeyboardEvent): boolean => {
    if (event.ctrlKey || event.metaKey) return true;
    if (event.shiftKey || event.altKey || !hasPointer.matches) return false;
    return !isInCode(text.slice(0, element.current?.selectionStart));
  };

  const onKeyDown = (event: KeyboardEvent) => {
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
    if (event.key === 'Enter' && sends(event)) {
      event.preventDefault();
      submit();
    } else if (event.key === 'ArrowUp' && text === '' && !event.altKey && !edited) {
      const mine = messages().findLast(({ username, deleted }) => username === settings.peek().name && !deleted);
      if (!mine) return;
      event.preventDefault();
      startEdit(room.name, thread?.id, mine);
    } else if (event.key === 'Escape' && (edited || reply)) {
      event.stopPropagation();
      stop();
    }
  };

  const other = edited && elsewhere.value.get(editKey(edited));

  return (
    <div class="dock">
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
              {reply?.words && <small dir="auto">{reply.words}</small>}
              {other && <small role="status">{t(other === 'editing' ? 'composer.editingElsewhere' : 'composer.savedElsewhere')}</small>}
            </span>
            <button type="button" class="icon-button" {...named(t('composer.stop'), 'Esc')} onClick={stop}>
              <Icon name="x" small />
            </button>
          </div>
        )}
        {suggestions.length > 0 && <Suggestions id={id} names={suggestions} chosen={chosen} onPick={mention} />}
        {files.length + coming.length > 0 && <Uploads place={place} ready={files} coming={coming} maxBytes={limits()?.file_bytes ?? 0} />}
        <textarea
          id={id}
          key={box}
          ref={element}
          rows={1}
          dir="auto"
          value={text}
          aria-label={thread ? t('thread.label') : t('composer.label', { room: room.name })}
          placeholder={thread ? t('message.reply') : t('composer.placeholder', { room: room.name })}
          aria-autocomplete="list"
          aria-controls={suggestions.length > 0 ? `${id}-suggestions` : undefined}
          aria-activedescendant={suggestions.length > 0 ? `${id}-suggestion-${chosen}` : undefined}
          enterkeyhint={hasPointer.matches ? 'send' : 'enter'}
          onInput={(event) => onInput(event.currentTarget.value)}
          onClick={suggest}
          onPaste={(event) => {
            const { clipboardData: data, currentTarget: at } = event;
            if (!data) return;
            const before = at.value.slice(0, at.selectionStart);
            const words = wordsToPaste(data, before, isInCode(before));
            if (words === undefined && data.files.length === 0) return;
            event.preventDefault();
            if (words === undefined) take(data);
            else typeInto(at, words);
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
          <button type="button" class="icon-button" {...named(t('file.attach'))} onClick={() => picker.current?.click()}>
            <Icon name="clip" />
          </button>
          <button type="button" class="icon-button" {...named(t('composer.emoji'))} onClick={() => setPicking(true)}>
            <Icon name="smile" />
          </button>
          <button
            type="button"
            class="icon-button"
            {...named(t('composer.mention'), '@')}
            onClick={() => {
              const { current } = element;
              if (current) typeInto(current, /(^|\s)$/.test(current.value.slice(0, current.selectionStart)) ? '@' : ' @');
            }}
          >
            <Icon name="at" />
          </button>
          <button
            type="button"
            class="icon-button wide-only"
            {...named(t('composer.code'))}
            onClick={() => element.current && wrapInCode(element.current)}
          >
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
            {...named(t(edited ? 'composer.save' : thread ? 'thread.send' : 'composer.send'), 'Enter')}
            aria-disabled={!canSend}
          >
            <Icon name="up" />
            <span>{t(edited ? 'composer.save' : 'composer.send')}</span>
          </button>
        </div>
      </form>
      {isPicking && (
        <EmojiPicker
          onClose={() => setPicking(false)}
          onPick={(emoji) => {
            setPicking(false);
            insert(emoji);
          }}
        />
      )}
    </div>
  );
};

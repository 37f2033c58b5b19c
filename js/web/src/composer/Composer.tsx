import type { Message } from 'confab-client';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { laterDialog } from '../parts/later';
import { edit, limits, problem, send, type } from '../state/chat';
import { useSpot } from '../state/focus';
import type { Room } from '../state/room';
import { hasPointer } from '../state/screen';
import { settings } from '../state/settings';
import { t } from '../state/text';
import { placeOf, startEdit } from './begin';
import { ConnectionStrip } from './ConnectionStrip';
import { draftOf, empty, write } from './drafts';
import { useDrops } from './drop';
import { editOf, endEdit, writeEdit } from './edits';
import { Mode } from './Mode';
import { filesOf, wordsToPaste } from './paste';
import { Suggestions } from './Suggestions';
import { Tools } from './Tools';
import { asCode, asMention, beginMention, bytesOf, isInCode, trimmed } from './text';
import { UploadList } from './UploadList';
import { restore, upload, uploads } from './uploads';
import { useSuggestions } from './useSuggestions';
import { beforeCaret, typeHere, typeInto } from './writing';

const EmojiPicker = laterDialog(() => import('../parts/EmojiPicker'));
const defaultMaxBytes = 16_384;

interface Props {
  room: Room;
  /** The thread that it is the box of. */
  thread?: number;
  /** What is around it: files that are dropped there are for it. */
  area: RefObject<HTMLElement | null>;
  /** The messages above it, the newest last. */
  messages: () => readonly Message[];
  onSend: () => void;
}

/** Where one writes: in a room, or in one of its threads. */
export const Composer = ({ room, thread, area, messages, onSend }: Props) => {
  const place = placeOf(room.name, thread);
  const id = thread === undefined ? 'composer' : 'thread-composer';
  const dock = useRef<HTMLDivElement>(null);
  const element = useRef<HTMLTextAreaElement>(null);
  const [isPicking, setPicking] = useState(false);
  const draft = draftOf(place).value;
  const edited = editOf(place).value;
  const reply = edited ? undefined : draft.reply;
  const text = edited?.text ?? draft.text;
  // What the browser undoes in one box is not what was written in another.
  const box = `${place} ${edited?.id ?? ''} ${draft.version}`;
  const left = (limits()?.content_bytes ?? defaultMaxBytes) - bytesOf(text);
  const files = edited ? [] : draft.files;
  const coming = edited ? [] : uploads.value.filter((file) => file.place === place);
  const canSend = (text.trim() !== '' || files.length > 0) && left >= 0 && coming.length === 0;
  const attach = (given: Iterable<File>) => {
    if (!upload(place, room.name, given, limits())) problem.value = { key: 'file.tooMany', n: limits()?.files_per_message ?? 0 };
  };
  const take = (data: DataTransfer) => {
    const { files: given, hasFolder } = filesOf(data);
    attach(given);
    if (hasFolder) problem.value = { key: 'file.folder' };
  };
  useSpot(id, dock, () => element.current);
  useDrops(place, area, take);
  const stop = () => {
    if (edited) endEdit(place, false);
    else write(place, { reply: undefined });
  };

  const before = () => (element.current ? beforeCaret(element.current) : '');
  const names = () => {
    const authors = messages().map(({ username }) => username);
    return [...new Set([...(room.users.peek() ?? []), ...authors.reverse()])].filter((name) => name !== settings.peek().name);
  };
  const suggestions = useSuggestions(before, names, (name) => {
    if (element.current) typeInto(element.current, asMention(name, before()));
  });

  useLayoutEffect(() => {
    // On a touch screen the keyboard would cover what there is to read.
    if (hasPointer.peek()) element.current?.focus();
    void restore(place);
    return () => {
      const { text: words, files: ready, reply: answered } = draftOf(place).peek();
      if (answered && !words && ready.length === 0) write(place, { reply: undefined });
    };
  }, [place]);

  const hadFocus = element.current !== null && element.current === document.activeElement;
  useLayoutEffect(() => {
    suggestions.close();
    if (hadFocus) element.current?.focus();
  }, [box]);

  const onInput = (value: string) => {
    if (edited) writeEdit(place, value);
    else write(place, { text: value });
    if (value.trim()) type(room.name);
    suggestions.suggest();
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
    const ids = files.map((file) => file.id);
    send(room.name, said, thread ?? reply?.id, ids);
    empty(place);
    // What was sent comes back with the browser's undo.
    if (element.current) typeInto(element.current, { words: '', from: 0, to: element.current.value.length, caret: 0 });
    onSend();
  };

  /** Whether Enter sends, or begins a new line: on a touch screen, where there is a button, and in a block of code. */
  const sends = (event: KeyboardEvent): boolean => {
    if (event.ctrlKey || event.metaKey) return true;
    return !event.shiftKey && !event.altKey && hasPointer.peek() && !isInCode(before());
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (suggestions.press(event)) return;
    if (event.key === 'Enter' && sends(event)) {
      event.preventDefault();
      submit();
    } else if (event.key === 'ArrowUp' && text === '' && !event.altKey && !edited) {
      const mine = messages().findLast(({ username, deleted }) => username === settings.peek().name && !deleted);
      if (!mine) return;
      event.preventDefault();
      startEdit(room.name, thread, mine);
    } else if (event.key === 'Escape' && (edited || reply)) {
      event.stopPropagation();
      stop();
    }
  };

  const onPaste = (event: ClipboardEvent & { currentTarget: HTMLTextAreaElement }) => {
    const { clipboardData: data, currentTarget: at } = event;
    if (!data) return;
    const words = wordsToPaste(data, beforeCaret(at), isInCode(beforeCaret(at)));
    if (words === undefined && data.files.length === 0) return;
    event.preventDefault();
    if (words === undefined) take(data);
    else typeHere(at, words);
  };

  return (
    <div class="dock" ref={dock}>
      <ConnectionStrip room={room} />
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Mode edited={edited} reply={reply} onStop={stop} />
        {suggestions.shown.length > 0 && <Suggestions id={id} names={suggestions.shown} chosen={suggestions.chosen} onPick={suggestions.pick} />}
        {files.length + coming.length > 0 && <UploadList place={place} ready={files} coming={coming} maxBytes={limits()?.file_bytes ?? 0} />}
        <textarea
          id={id}
          key={box}
          ref={element}
          rows={1}
          dir="auto"
          value={text}
          aria-label={thread === undefined ? t('composer.label', { room: room.name }) : t('thread.label')}
          placeholder={thread === undefined ? t('composer.placeholder', { room: room.name }) : t('message.reply')}
          aria-autocomplete="list"
          aria-controls={suggestions.shown.length > 0 ? `${id}-suggestions` : undefined}
          aria-activedescendant={suggestions.shown.length > 0 ? `${id}-suggestion-${suggestions.chosen}` : undefined}
          enterkeyhint={hasPointer.value ? 'send' : 'enter'}
          onInput={(event) => onInput(event.currentTarget.value)}
          onClick={suggestions.suggest}
          onPaste={onPaste}
          onBlur={suggestions.close}
          onKeyDown={onKeyDown}
        />
        <Tools
          left={left}
          canSend={canSend}
          isEdit={edited !== undefined}
          isThread={thread !== undefined}
          onAttach={attach}
          onEmoji={() => setPicking(true)}
          onMention={() => element.current && typeHere(element.current, beginMention(before()))}
          onCode={() => {
            const { current: at } = element;
            if (at) typeInto(at, asCode(at.value, at.selectionStart, at.selectionEnd));
          }}
        />
      </form>
      {isPicking && (
        <EmojiPicker
          onClose={() => setPicking(false)}
          onPick={(emoji) => {
            setPicking(false);
            // A dialog that closes gives the focus back first.
            requestAnimationFrame(() => element.current && typeHere(element.current, emoji));
          }}
        />
      )}
    </div>
  );
};

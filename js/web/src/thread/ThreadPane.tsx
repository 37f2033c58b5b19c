import { useSignalEffect } from '@preact/signals';
import type { Message } from 'confab-client';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { placeOf } from '../composer/begin';
import { Composer } from '../composer/Composer';
import { DropSign } from '../composer/drop';
import { useList } from '../message/keys';
import { MessageItem, OutgoingItem } from '../message/MessageItem';
import { usePress } from '../message/press';
import { ReadingContext } from '../message/reading';
import { Scroll } from '../message/scroll';
import { activate, active } from '../message/state';
import { Failed } from '../parts/Failed';
import { Icon } from '../parts/Icon';
import { named } from '../parts/named';
import { isOnline, outgoing } from '../state/chat';
import { hasDialog } from '../state/dialog';
import { useSpot } from '../state/focus';
import type { Room } from '../state/room';
import { hasPointer, isNarrow } from '../state/screen';
import { t } from '../state/text';
import { closeThread, stayInThread } from './close';
import { Thread } from './thread';

/** A message and what answers it: beside the room, over it where there is less space, alone on a phone. */
const ThreadPane = ({ room, id }: { room: Room; id: number }) => {
  const thread = useMemo(() => new Thread(room, id), []);
  const list = useRef<HTMLDivElement>(null);
  const pane = useRef<HTMLElement>(null);
  const scroll = useMemo(() => new Scroll(false), []);
  const { isTouched, handlers } = usePress();
  const root = thread.root.value;
  const replies = thread.replies.value;
  const mine = thread.hasMore.value ? [] : outgoing.value.filter((message) => message.room === room.name && message.replyTo === id);
  const count = room.replies.of(id).value.count;
  const state = thread.state.value;
  // Where nothing is beside it, it is the content itself.
  const [Pane, Title] = isNarrow.value ? (['main', 'h1'] as const) : (['aside', 'h2'] as const);

  useEffect(() => {
    room.threads.add(thread);
    // Else the box takes it.
    if (!hasPointer.peek()) list.current?.focus({ preventScroll: true });
    return () => void room.threads.delete(thread);
  }, []);
  useSignalEffect(() => {
    if (isOnline.value && thread.state.peek() !== 'ready') void thread.load();
  });
  useSpot('thread', list);
  useSpot('pane', pane);
  useList('thread', { room, thread: id, messages: () => messagesOf(thread) });
  const follow = () => {
    const element = list.current;
    if (!element) return;
    // Who sees all of it is at its end.
    if (thread.state.peek() === 'ready' && element.scrollHeight <= element.clientHeight) scroll.toEnd();
    if (!scroll.isAtEnd) return;
    element.scrollTop = element.scrollHeight;
    scroll.moved(element);
  };
  if (list.current) scroll.draw(list.current);
  useLayoutEffect(follow, [replies, mine.length]);
  const reading = useMemo(
    () => ({
      leave: () => scroll.leave(),
      scrollBy: (px: number) => {
        if (list.current) list.current.scrollTop += px;
      },
    }),
    [],
  );
  // Code that is coloured, the box that grows: the end stays the end.
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      if (list.current) scroll.draw(list.current);
      follow();
    });
    if (list.current) for (const element of [list.current, ...list.current.children]) observer.observe(element);
    return () => observer.disconnect();
  }, [replies, mine.length]);

  return (
    <Pane class="thread" ref={pane} aria-label={t('thread.title')}>
      <div class="bar">
        <div class="title">
          <Title>{t('thread.title')}</Title>
          <span class="quiet" dir="auto">
            #{room.name}
          </span>
        </div>
        <button type="button" class="icon-button" {...named(t('thread.close'), 'Esc')} onClick={closeThread}>
          <Icon name="x" />
        </button>
      </div>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Enter on a link is a click. */}
      <div
        class="thread-feed"
        ref={list}
        role="log"
        aria-live="off"
        aria-label={t('thread.messages')}
        tabindex={0}
        onScroll={({ currentTarget: at }) => void scroll.look(at, true, true)}
        onClick={stayInThread}
        onPointerMove={(event) => event.pointerType === 'mouse' && activate(event)}
        onFocusIn={(event) => isTouched.current || activate(event)}
        {...handlers}
        onPointerLeave={() => {
          if (!hasDialog(list.current)) active.value = undefined;
        }}
      >
        <ReadingContext.Provider value={reading}>
          {root && <MessageItem room={room} message={root} leads parent={undefined} thread={id} />}
          {state === 'missing' && <p class="feed-note">{t('thread.missing')}</p>}
          {state === 'failed' && <Failed onRetry={() => void thread.load()} />}
          {root && state === 'ready' && <div class="thread-count">{count > 0 ? t('thread.replies', { n: count }) : t('thread.none')}</div>}
          {replies.map((message) => (
            <MessageItem key={message.id} room={room} message={message} leads parent={undefined} thread={id} />
          ))}
          {thread.hasMore.value && (
            <button type="button" class="secondary" onClick={() => void thread.more()}>
              {t('thread.more')}
            </button>
          )}
          {mine.map((message) => (
            <OutgoingItem key={message.id} room={room} message={message} leads parent={undefined} thread={id} />
          ))}
        </ReadingContext.Provider>
      </div>
      {root && !root.deleted && !room.isArchived.value && (
        <Composer
          room={room}
          thread={id}
          area={pane}
          messages={() => messagesOf(thread)}
          onSend={() => {
            scroll.toEnd();
            follow();
            void thread.rest();
          }}
        />
      )}
      <DropSign place={placeOf(room.name, id)} />
    </Pane>
  );
};

const messagesOf = ({ root, replies }: Thread): Message[] => [root.peek(), ...replies.peek()].filter((message) => message !== undefined);

export default ThreadPane;

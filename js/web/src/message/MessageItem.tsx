import type { Message } from 'confab-client';
import type { VNode } from 'preact';
import { memo } from 'preact/compat';
import { answer, compose } from '../composer/begin';
import { attachmentOf } from '../composer/uploads';
import { Avatar } from '../parts/Avatar';
import { Icon } from '../parts/Icon';
import { discard, editing, isOnline, type Outgoing, react, resend } from '../state/chat';
import { focus } from '../state/focus';
import { mentions } from '../state/mention';
import type { Room } from '../state/room';
import { openThread, roomUrl, threadUrl } from '../state/route';
import { settings } from '../state/settings';
import { type Key, momentOf, shortDayOf, t, timeOf } from '../state/text';
import { today } from '../state/today';
import { wordsOf } from '../state/words';
import { Attachments } from './Attachments';
import { Body } from './Body';
import { Fold, isLong } from './Fold';
import { Actions } from './MessageActions';
import { MessageMenu } from './MessageMenu';
import { active, elementId, pressed, target } from './state';

interface Props {
  room: Room;
  message: Message;
  /** Whether it begins a group: its author and time are shown. */
  leads: boolean;
  /** The message it answers, if that is at hand. */
  parent: Message | undefined;
  /** The first message of the thread it is shown in, if it is not shown in the room. */
  thread?: number;
}

const Item = ({ room, message, leads, parent, thread }: Props) => {
  const { id, username, timestamp } = message;
  const element = elementId(id, thread);
  const me = settings.value.name;
  const isMine = username === me;
  const pending = editing.value.get(`${room.name}/${id}`);
  const isActive = active.value === element;
  const classes = ['message'];
  if (leads) classes.push('leads');
  if (isActive) classes.push('active');
  if (pending !== undefined) classes.push('pending');
  const isPinned = room.pins.value.includes(id);
  const isSought = target.value === id && thread === undefined;
  if (isSought) classes.push('target');
  if (!isMine && !message.deleted && mentions(message, me)) classes.push('mentions');
  return (
    <article class={classes.join(' ')} id={element} data-id={id} tabindex={-1} aria-label={leads ? undefined : `${username}, ${timeOf(timestamp)}`}>
      {leads && <Avatar name={username} />}
      {message.reply_to !== undefined && message.reply_to !== thread && <Quote room={room} id={message.reply_to} parent={parent} />}
      {leads && (
        <header>
          <b dir="auto">{username}</b>
          {isMine && <span class="you">{t('message.you')}</span>}
          <Time room={room} message={message} />
        </header>
      )}
      {!leads && <Time room={room} message={message} />}
      {message.deleted ? (
        <p class="gone">{t('message.deleted')}</p>
      ) : (
        <>
          {isPinned && (
            <span class="pinned">
              <Icon name="pin" small />
              {t('message.pinned')}
            </span>
          )}
          {message.content && (
            <Long content={pending ?? message.content} isSought={isSought}>
              <Body message={message} content={pending} />
            </Long>
          )}
          {message.attachments && <Attachments attachments={message.attachments} />}
          {pending !== undefined ? (
            <State text={t(isOnline.value ? 'message.saving' : 'message.waiting')} />
          ) : (
            message.edited_at && (
              <span class="edited" title={t('message.editedAt', { time: momentOf(message.edited_at) })}>
                {t('message.edited')}
              </span>
            )
          )}
          <Reactions room={room} message={message} me={me} />
        </>
      )}
      {id !== thread && <Stem room={room} id={id} />}
      {isActive && !message.deleted && <Actions room={room} message={message} thread={thread} />}
      {pressed.value === element && !message.deleted && (
        <MessageMenu isWhole room={room} message={message} thread={thread} onClose={() => (pressed.value = undefined)} />
      )}
    </article>
  );
};

const Long = ({ content, isSought, children }: { content: string; isSought: boolean; children: VNode }) =>
  isLong(content) ? <Fold isSought={isSought}>{children}</Fold> : children;

export const MessageItem = memo(Item);

const Time = ({ room, message }: { room: Room; message: Message }) => (
  <a class="time" href={roomUrl(room.name, message.id)} tabindex={-1} aria-label={t('message.link', { time: timeOf(message.timestamp) })}>
    <time dateTime={message.timestamp} title={momentOf(message.timestamp)}>
      {timeOf(message.timestamp)}
    </time>
  </a>
);

const Quote = ({ room, id, parent }: { room: Room; id: number; parent: Message | undefined }) => (
  <a class="quote" href={roomUrl(room.name, id)}>
    {parent && !parent.deleted ? (
      <>
        <Avatar name={parent.username} size="tiny" />
        <b dir="auto">{parent.username}</b>
        <span dir="auto">{wordsOf(parent).slice(0, 140)}</span>
      </>
    ) : (
      <span>{parent?.deleted ? t('message.replyToDeleted') : t('message.replyTo', { name: `#${id}` })}</span>
    )}
  </a>
);

const Stem = ({ room, id }: { room: Room; id: number }) => {
  const { count: n, timestamp, usernames } = room.replies.of(id).value;
  if (n === 0) return null;
  const isToday = new Date(timestamp).setHours(0, 0, 0, 0) === today.value;
  return (
    <a class="stem" href={threadUrl(room.name, id)} aria-current={openThread.value === id ? 'true' : undefined}>
      {usernames.toReversed().map((name) => (
        <Avatar key={name} name={name} size="tiny" />
      ))}
      <b>{t('thread.replies', { n })}</b>
      <small>{isToday ? t('thread.lastAt', { time: timeOf(timestamp) }) : t('thread.lastOn', { day: shortDayOf(timestamp) })}</small>
    </a>
  );
};

const Reactions = ({ room, message, me }: { room: Room; message: Message; me: string }) => {
  if (!message.reactions) return null;
  return (
    <ul class="reactions">
      {message.reactions.map(({ emoji, count, usernames }) => {
        const isMine = usernames.includes(me);
        return (
          <li key={emoji}>
            <button
              type="button"
              aria-pressed={isMine}
              disabled={room.isArchived.value}
              aria-label={t(isMine ? 'message.reactedYou' : 'message.reacted', { emoji, n: count })}
              title={usernames.join(', ')}
              onClick={() => react(room.name, message.id, emoji, !isMine)}
            >
              <span>{emoji}</span> {count}
            </button>
          </li>
        );
      })}
    </ul>
  );
};

const State = ({ text }: { text: string }) => (
  <span class="state">
    <Icon name="clock" small />
    {text}
  </span>
);

const reasons = new Set(['too_long', 'empty', 'not_found', 'forbidden', 'bad_request']);

// Of files that were uploaded before the page was loaded anew, only the number is known.
const Files = ({ ids }: { ids: string[] }) => {
  const known = ids.map(attachmentOf).filter((attachment) => attachment !== undefined);
  if (known.length === ids.length) return ids.length > 0 ? <Attachments attachments={known} /> : null;
  return <p class="quiet">{t('file.count', { n: ids.length })}</p>;
};

// The button that was pressed goes with the message.
const focusFeed = (thread: number | undefined) => focus(thread === undefined ? 'content' : 'thread');

/** A message of one's own that is not in the log yet, or was refused. */
export const OutgoingItem = ({
  message,
  leads,
  parent,
  room,
  thread,
}: {
  message: Outgoing;
  leads: boolean;
  parent: Message | undefined;
  room: Room;
  thread?: number;
}) => {
  const name = message.username;
  return (
    <article class={`message outgoing ${leads ? 'leads' : ''} ${message.failed ? 'failed' : 'pending'}`} tabindex={-1}>
      {leads && <Avatar name={name} />}
      {message.replyTo !== undefined && message.replyTo !== thread && <Quote room={room} id={message.replyTo} parent={parent} />}
      {leads && (
        <header>
          <b dir="auto">{name}</b>
          <span class="you">{t('message.you')}</span>
        </header>
      )}
      {message.content && (
        <Long content={message.content} isSought={false}>
          <div class="body" dir="auto">
            <p>{message.content}</p>
          </div>
        </Long>
      )}
      <Files ids={message.attachments} />
      {message.failed ? (
        // In its thread, if that is open, it is told there.
        <span
          class="state bad"
          role={thread === undefined && message.replyTo !== undefined && message.replyTo === openThread.value ? undefined : 'alert'}
        >
          {t('message.notSent', { reason: t(`refused.${reasons.has(message.failed) ? message.failed : 'other'}` as Key) })}
          <button
            type="button"
            onClick={() => {
              resend(message);
              focusFeed(thread);
            }}
          >
            {t('message.sendAgain')}
          </button>
          <button
            type="button"
            onClick={() => {
              discard(message.id);
              compose(
                room.name,
                thread,
                message.content,
                message.attachments,
                message.replyTo === undefined || message.replyTo === thread ? undefined : parent ? answer(parent) : { id: message.replyTo },
              );
            }}
          >
            {t('message.change')}
          </button>
          <button
            type="button"
            onClick={() => {
              discard(message.id);
              focusFeed(thread);
            }}
          >
            {t('message.discard')}
          </button>
        </span>
      ) : isOnline.value ? (
        <span class="late">
          <State text={t('message.sending')} />
        </span>
      ) : (
        <State text={t('message.waiting')} />
      )}
    </article>
  );
};

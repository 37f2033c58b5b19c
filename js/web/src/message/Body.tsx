import type { Message } from 'confab-client';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { current } from '../state/chat';
import { splitMentions } from '../state/mention';
import { isPlace } from '../state/route';
import { settings } from '../state/settings';
import { setHtml } from '../state/trusted';

const names = (): string[] => {
  const room = current.peek();
  const authors = room?.timeline.messages.peek().map(({ username }) => username) ?? [];
  return [...new Set([settings.peek().name, ...(room?.users.peek() ?? []), ...authors])].filter(Boolean);
};

/** What a message says: as the server rendered its Markdown, or as it was written. */
export const Body = ({ message, content }: { message: Message; content?: string }) => {
  if (content === undefined && message.html) return <Rendered html={message.html} mentions={message.mentions ?? []} />;
  const said = content ?? message.content;
  // Whom an edit under way means is not said yet.
  const parts = said.includes('@') ? splitMentions(said, content === undefined ? (message.mentions ?? []) : names()) : [{ text: said }];
  return (
    <div class="body" dir="auto">
      <p dir="auto">{parts.map(({ text, name }) => (name ? <Mention text={text} name={name} /> : text))}</p>
    </div>
  );
};

const Mention = ({ text, name }: { text: string; name: string }) => (
  <span class={name === settings.value.name ? 'mention mine' : 'mention'}>{text}</span>
);

const Rendered = ({ html, mentions }: { html: string; mentions: readonly string[] }) => {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!element.current) return;
    setHtml(element.current, html);
    // A link to a message of this server is followed in place; the browser's ways to open one elsewhere go on working.
    for (const link of element.current.querySelectorAll('a')) if (isPlace(link)) link.removeAttribute('target');
    if (mentions.length > 0) markMentions(element.current, mentions);
    for (const block of element.current.querySelectorAll('pre')) block.tabIndex = 0;
    // Each block reads as its own words do; code reads from left to right in any language.
    for (const block of element.current.querySelectorAll<HTMLElement>('p, ul, ol, li, blockquote, table, th, td')) block.dir = 'auto';
    for (const code of element.current.querySelectorAll<HTMLElement>('pre, code')) code.dir = 'ltr';
    const code = element.current.querySelectorAll<HTMLElement>('code[class^=language-]');
    if (code.length > 0) void import('./highlight').then(({ highlight }) => code.forEach(highlight));
  }, [html]);
  return <div class="body" dir="auto" ref={element} />;
};

const markMentions = (element: Element, mentions: readonly string[]): void => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement?.closest('code, a')) texts.push(walker.currentNode as Text);
  for (const text of texts) {
    if (!text.data.includes('@')) continue;
    text.replaceWith(
      ...splitMentions(text.data, mentions).map(({ text: part, name }) => {
        if (!name) return part;
        const mark = document.createElement('span');
        mark.className = name === settings.peek().name ? 'mention mine' : 'mention';
        mark.textContent = part;
        return mark;
      }),
    );
  }
};

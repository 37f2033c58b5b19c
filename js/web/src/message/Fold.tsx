import type { ComponentChildren } from 'preact';
import { useContext, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../state/text';
import { ReadingContext } from './reading';

const lineChars = 80;
/** More than is shown of what is folded: a few lines more are not worth a press. */
const maxLines = 30;

/** Whether words would take more lines than one wants to scroll past: known before they are drawn, so that nothing jumps. */
export const isLong = (content: string): boolean =>
  content.length > maxLines && content.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / lineChars)), 0) > maxLines;

/** The first lines of something long, and the rest for the asking: by a press, a link to it, a search in the page or the focus of what is below. */
export const Fold = ({ isSought, children }: { isSought: boolean; children: ComponentChildren }) => {
  const [isOpen, setOpen] = useState(isSought);
  const element = useRef<HTMLDivElement>(null);
  const reading = useContext(ReadingContext);
  /** How much of it is above what one sees. */
  const hidden = useRef(0);
  const unfold = () => {
    const { current: fold } = element;
    if (!fold || isOpen) return;
    hidden.current = fold.scrollTop;
    reading?.leave();
    setOpen(true);
  };
  useLayoutEffect(() => {
    if (isOpen && hidden.current > 0) reading?.scrollBy(hidden.current);
  }, [isOpen]);
  useLayoutEffect(() => {
    const { current: fold } = element;
    // Lines of code that are long do not wrap.
    if (isSought || (fold && fold.scrollHeight <= fold.clientHeight)) setOpen(true);
  }, [isSought]);
  return (
    <>
      {/* The browser scrolls what is cut off into sight. It stays the same element: what has the focus keeps it. */}
      <div class={isOpen ? undefined : 'fold'} ref={element} onScroll={unfold}>
        {children}
      </div>
      {!isOpen && (
        <button type="button" class="unfold" aria-expanded="false" onClick={unfold}>
          {t('message.showAll')}
        </button>
      )}
    </>
  );
};

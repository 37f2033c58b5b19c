import { signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';
import { Icon } from '../parts/Icon';
import { t } from '../state/text';

interface Taker {
  /** What is dragged onto it is for the box. */
  area: RefObject<HTMLElement | null>;
  take: (data: DataTransfer) => void;
}

/** The boxes that take files, by their places. */
const takers = new Map<string, Taker>();

/** The box that takes what is dragged here. */
const over = signal<string | undefined>(undefined);

export const useDrops = (place: string, area: Taker['area'], take: Taker['take']): void => {
  useEffect(() => {
    takers.set(place, { area, take });
    return () => void takers.delete(place);
  }, [place, take]);
};

/** Says that files are taken here. */
export const DropSign = ({ place }: { place: string }) =>
  over.value === place ? (
    <div class="drop">
      <span>
        <Icon name="clip" />
        {t('file.drop')}
      </span>
    </div>
  ) : null;

// Nothing reaches what lies below a dialog.
const boxOf = (at: EventTarget | null): string | undefined =>
  at instanceof Element && !at.closest('dialog') ? [...takers].find(([, { area }]) => area.current?.contains(at))?.[0] : undefined;

const drag = (event: DragEvent): void => {
  const { dataTransfer: data, target: at } = event;
  if (!data) return;
  const isFiles = data.types.includes('Files');
  // Words go where one writes. A browser would open everything else that nobody takes, instead of the page.
  if (!isFiles && at instanceof Element && at.closest('input, textarea')) return;
  event.preventDefault();
  const box = isFiles ? boxOf(at) : undefined;
  data.dropEffect = box === undefined ? 'none' : 'copy';
  over.value = box;
};

/** Takes what is dropped anywhere on the page. */
export const listenToDrops = (): void => {
  addEventListener('dragenter', drag);
  addEventListener('dragover', drag);
  addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) over.value = undefined;
  });
  addEventListener('drop', (event) => {
    drag(event);
    const { value: box } = over;
    over.value = undefined;
    if (box !== undefined && event.dataTransfer) takers.get(box)?.take(event.dataTransfer);
  });
};

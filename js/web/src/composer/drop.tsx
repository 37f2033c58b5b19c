import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Icon } from '../parts/Icon';
import { t } from '../state/text';

/** The boxes that take files, by the id of their element. */
const takers = new Map<string, (data: DataTransfer) => void>();

/** The box that takes what is dragged here. */
const over = signal<string | undefined>(undefined);

export const useDrops = (id: string, take: (data: DataTransfer) => void): void => {
  useEffect(() => {
    takers.set(id, take);
    return () => void takers.delete(id);
  }, [id, take]);
};

/** Says that files are taken here. */
export const DropSign = ({ id }: { id: string }) =>
  over.value === id ? (
    <div class="drop">
      <span>
        <Icon name="clip" />
        {t('file.drop')}
      </span>
    </div>
  ) : null;

// What is dragged onto a room or a thread is for its box; nothing reaches what lies below a dialog.
const boxOf = (at: EventTarget | null): string | undefined => {
  if (!(at instanceof Element) || at.closest('dialog')) return undefined;
  const id = at.closest('.room, .thread')?.querySelector('.composer textarea')?.id;
  return id !== undefined && takers.has(id) ? id : undefined;
};

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
    if (box !== undefined && event.dataTransfer) takers.get(box)?.(event.dataTransfer);
  });
};

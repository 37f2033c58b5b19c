import { FileName } from '../parts/FileName';
import { Icon } from '../parts/Icon';
import { named } from '../parts/named';
import { base } from '../state/base';
import { type Key, sizeOf, t } from '../state/text';
import type { Ready } from './drafts';
import { again, drop, takeOut, type Upload } from './uploads';

/** Files that are to go with the words below them: those that the server has, and those on their way, in the order in which they were chosen. */
export const UploadList = ({ place, ready, coming, maxBytes }: { place: string; ready: Ready[]; coming: Upload[]; maxBytes: number }) => (
  <ul class="uploads" aria-label={t('file.list')}>
    {[...ready, ...coming]
      .sort((a, b) => a.at - b.at)
      .map((file) =>
        'id' in file ? <ReadyFile key={file.at} place={place} file={file} /> : <Coming key={file.at} upload={file} maxBytes={maxBytes} />,
      )}
  </ul>
);

const ReadyFile = ({ place, file: { id, attachment } }: { place: string; file: Ready }) => {
  const name = attachment?.name ?? t('file.count', { n: 1 });
  return (
    <li>
      {attachment?.width ? <img src={`${base}/api/files/${id}/thumbnail`} alt="" width={36} height={36} /> : <Icon name="file" />}
      <span>
        <FileName name={name} />
        {attachment && <small>{sizeOf(attachment.size)}</small>}
      </span>
      <Remove name={name} onClick={() => takeOut(place, id)} />
    </li>
  );
};

const reasons: Record<string, Key> = { too_long: 'file.tooBig', empty: 'file.empty', offline: 'file.offline', storage_unavailable: 'file.full' };
/** What would be refused again. */
const isFinal = (code: string): boolean => code === 'too_long' || code === 'empty';

const Coming = ({ upload, maxBytes }: { upload: Upload; maxBytes: number }) => {
  const { key, progress, failed } = upload;
  const { name } = upload.file;
  return (
    <li class={failed ? 'bad' : undefined}>
      <Icon name="file" />
      <span>
        <FileName name={name} />
        {failed ? (
          <small role="alert">{t(reasons[failed] ?? 'file.refused', { size: sizeOf(maxBytes) })}</small>
        ) : (
          <progress value={progress} max={1} aria-label={t('file.progress', { name })} />
        )}
      </span>
      {failed && !isFinal(failed) && (
        <button type="button" class="again" onClick={() => again(upload)}>
          {t('app.retry')}
        </button>
      )}
      <Remove name={name} onClick={() => drop(key)} />
    </li>
  );
};

const Remove = ({ name, onClick }: { name: string; onClick: () => void }) => (
  <button type="button" class="icon-button" {...named(t('file.remove', { name }))} onClick={onClick}>
    <Icon name="x" small />
  </button>
);

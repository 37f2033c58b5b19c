import type { Attachment } from 'confab-client';
import { useState } from 'preact/hooks';
import type { Ready } from '../composer/drafts';
import { again, drop, takeOut, type Upload } from '../composer/uploads';
import { Dialog } from '../parts/Dialog';
import { FileName } from '../parts/FileName';
import { Icon } from '../parts/Icon';
import { named } from '../parts/named';
import { base } from '../state/base';
import { type Key, language, t } from '../state/text';

const maxWidth = 400;
const maxHeight = 300;

const urlOf = ({ id, name }: Attachment): string => `${base}/api/files/${id}/${encodeURIComponent(name)}`;

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

const sizeOf = (bytes: number): string => {
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const style = {
    style: 'unit',
    unit: units[step],
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: step > 0 && bytes / 1000 ** step < 10 ? 1 : 0,
  } as const;
  return new Intl.NumberFormat(language.value, style).format(bytes / 1000 ** step);
};

/** What came with a message: pictures to look at, sound and films to play, and everything else as a card. */
export const Attachments = ({ attachments }: { attachments: Attachment[] }) => {
  const [shown, setShown] = useState<Attachment | undefined>(undefined);
  return (
    <ul class="attachments">
      {attachments.map((attachment) => (
        <li key={attachment.id}>
          {attachment.width && attachment.height ? (
            <Picture attachment={attachment} width={attachment.width} height={attachment.height} onOpen={() => setShown(attachment)} />
          ) : attachment.type.startsWith('video/') ? (
            <Film attachment={attachment} />
          ) : attachment.type.startsWith('audio/') ? (
            <Sound attachment={attachment} />
          ) : (
            <a class="card" href={urlOf(attachment)} download={attachment.name}>
              <Icon name="file" />
              <span>
                <FileName name={attachment.name} />
                <small>{sizeOf(attachment.size)}</small>
              </span>
            </a>
          )}
        </li>
      ))}
      {shown && (
        <Dialog title={shown.name} size="large" onClose={() => setShown(undefined)}>
          <img class="full" src={urlOf(shown)} alt={shown.name} width={shown.width} height={shown.height} />
          <a href={urlOf(shown)} download={shown.name}>
            {t('file.download', { size: sizeOf(shown.size) })}
          </a>
        </Dialog>
      )}
    </ul>
  );
};

const Sound = ({ attachment }: { attachment: Attachment }) => (
  // biome-ignore lint/a11y/useMediaCaption: what people send has no captions.
  <audio controls preload="none" src={urlOf(attachment)} aria-label={attachment.name} title={attachment.name} />
);

// By its first bytes nobody knows whether what plays has a picture, too.
const Film = ({ attachment }: { attachment: Attachment }) => {
  const [isSound, setSound] = useState(false);
  if (isSound) return <Sound attachment={attachment} />;
  return (
    // biome-ignore lint/a11y/useMediaCaption: what people send has no captions.
    <video
      class="film"
      controls
      preload="metadata"
      src={urlOf(attachment)}
      aria-label={attachment.name}
      title={attachment.name}
      onLoadedMetadata={({ currentTarget: film }) => setSound(film.videoWidth === 0)}
    />
  );
};

// The space is there before the picture is: nothing jumps.
const Picture = ({ attachment, width, height, onOpen }: { attachment: Attachment; width: number; height: number; onOpen: () => void }) => {
  const scale = Math.min(1, maxWidth / width, maxHeight / height);
  return (
    <button type="button" class="picture" {...named(t('file.show', { name: attachment.name }))} onClick={onOpen}>
      <img
        src={`${base}/api/files/${attachment.id}/thumbnail`}
        alt=""
        loading="lazy"
        decoding="async"
        width={Math.max(1, Math.round(width * scale))}
        height={Math.max(1, Math.round(height * scale))}
      />
    </button>
  );
};

/** Files that are to go with the words below them: those that the server has, and those on their way, in the order in which they were chosen. */
export const Uploads = ({ place, ready, coming, maxBytes }: { place: string; ready: Ready[]; coming: Upload[]; maxBytes: number }) => (
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

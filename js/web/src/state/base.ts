/** The path that the page is under, without a slash at its end: empty at the root of its host. The server says it in the document. */
export const base = new URL(document.baseURI).pathname.replace(/\/$/, '');

/** What this place is called. */
export const workspace = document.querySelector<HTMLMetaElement>('meta[name=application-name]')?.content || 'Confab';

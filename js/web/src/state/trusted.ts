import { base } from './base';

/** What the platform's Trusted Types are, as far as they are used here. */
interface Policy {
  createHTML(html: string): string;
  createScriptURL(url: string): string;
}

const worker = `${base}/sw.js`;

/**
 * The one place where HTML becomes part of the page. It comes from the server, which makes it of Markdown by a list of what is allowed, or from
 * the highlighter, which escapes what it colours. The only script that is named at run time is the service worker.
 */
const rules: Policy = {
  createHTML: (html) => html,
  createScriptURL: (url) => {
    if (url !== worker) throw new TypeError(`${url} is no script of this page.`);
    return url;
  },
};

const { trustedTypes } = globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } };
const policy = trustedTypes?.createPolicy('confab', rules) ?? rules;

export const setHtml = (element: Element, html: string): void => {
  element.innerHTML = policy.createHTML(html);
};

export const workerUrl = (): string => policy.createScriptURL(worker);

import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { setHtml } from '../state/trusted';

const known = { bash, cpp, csharp, css, diff, go, java, javascript, json, python, ruby, rust, sql, typescript, xml, yaml };
for (const [name, language] of Object.entries(known)) hljs.registerLanguage(name, language);

const maxChars = 20_000;

/** Colours a block of code in a language that is known. */
export const highlight = (code: HTMLElement): void => {
  const name = /language-(\S+)/.exec(code.className)?.[1] ?? '';
  const text = code.textContent ?? '';
  if (!hljs.getLanguage(name) || text.length > maxChars) return;
  setHtml(code, hljs.highlight(text, { language: name, ignoreIllegals: true }).value);
};

// Where an engine knows fewer emoji than the server, what it does not know is a sign like any other.
const drawsNothing = /^(?!\p{Bidi_Control})\p{Default_Ignorable_Code_Point}$/u;
const blank = /^[\p{Zs}\u2800]$/u;
const pictograph = /^(?=\p{Emoji})\p{Extended_Pictographic}$/u;
const textByDefault = /^(?!\p{Emoji_Presentation})(?=\p{Emoji})\p{Extended_Pictographic}$/u;
const skinTone = /^\p{Emoji_Modifier}$/u;

/** England, Scotland and Wales: a black flag, and letters that draw nothing. */
const flags = ['eng', 'sct', 'wls'].map(
  (of) => `\u{1F3F4}${[...`gb${of}`].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('')}\u{E007F}`,
);

/**
 * A name as the server writes it: what draws nothing is left out, except where it holds an emoji together, what draws a blank is one space, and the
 * rest is composed.
 */
export const storedForm = (name: string): string => {
  let [form, last] = ['', ''];
  let [mayBeJoined, isJoined, sawSelector, sawJoiner] = [false, false, false, false];
  // What stands between two signs is settled when the second is known.
  const settle = (next: string): void => {
    const joins = sawJoiner && mayBeJoined && pictograph.test(next);
    const isQualified = textByDefault.test(last)
      ? (sawSelector || isJoined || joins) && !skinTone.test(next)
      : next === '\u20E3' && /^[#*0-9]$/.test(last);
    form += `${isQualified ? '\uFE0F' : ''}${joins ? '\u200D' : ''}`;
    mayBeJoined = pictograph.test(next) || (skinTone.test(next) && pictograph.test(last));
    isJoined = joins;
    sawSelector = sawJoiner = false;
    last = next;
  };

  for (let at = 0; at < name.length; ) {
    const flag = flags.find((one) => name.startsWith(one, at));
    const sign = flag ?? String.fromCodePoint(name.codePointAt(at) ?? 0);
    at += sign.length;
    if (drawsNothing.test(sign)) {
      sawSelector ||= sign === '\uFE0F';
      sawJoiner ||= sign === '\u200D';
      continue;
    }
    const drawn = blank.test(sign) ? ' ' : sign;
    if (drawn === ' ' && last === ' ') continue;
    settle(flag ? '' : drawn);
    form += drawn;
  }
  settle('');
  return form.trim().normalize();
};

declare module 'virtual:emoji/*' {
  const emoji: { emoji: string; annotation: string; tags?: string[]; shortcodes?: string[] }[];
  export default emoji;
}

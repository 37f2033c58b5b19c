declare module 'virtual:emoji/*' {
  const emoji: { emoji: string; annotation: string; tags?: string[] }[];
  export default emoji;
}

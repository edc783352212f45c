/** A V8 sliced string keeps its whole parent alive: caching a slice of a 12 kB header would keep 12 kB. */
export function copyText(text: string): string {
  return Buffer.from(text).toString()
}

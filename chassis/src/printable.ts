/** Escapes control characters and those that change the text direction, as `\u001b`. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, (it) => {
    return `\\u${it.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

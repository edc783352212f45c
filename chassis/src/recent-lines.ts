const maxCharacters = 1_500_000
const maxFound = 200

/** The last lines of a log, as they were written: about 5000, and fewer if they are long. */
export class RecentLines {
  readonly #lines: string[] = []
  #characters = 0

  /** Returns the line as it was given. */
  keep(line: string): string {
    const kept = line.trimEnd()
    this.#lines.push(kept)
    this.#characters += kept.length
    while (this.#characters > maxCharacters) this.#characters -= this.#lines.shift()?.length ?? 0
    return line
  }

  /** The last 200 lines that contain the text, oldest first. */
  about(text: string): string[] {
    return this.#lines.filter((line) => line.includes(text)).slice(-maxFound)
  }
}

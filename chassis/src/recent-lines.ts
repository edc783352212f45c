const maxLines = 5000
const maxFound = 200

/** The last lines of a log, as they were written. */
export class RecentLines {
  readonly #lines: string[] = []
  #next = 0

  /** Returns the line as it was given. */
  keep(line: string): string {
    this.#lines[this.#next] = line.trimEnd()
    this.#next = (this.#next + 1) % maxLines
    return line
  }

  /** The last 200 lines that contain the text, oldest first. */
  about(text: string): string[] {
    const inOrder = [...this.#lines.slice(this.#next), ...this.#lines.slice(0, this.#next)]
    return inOrder.filter((line) => line.includes(text)).slice(-maxFound)
  }
}

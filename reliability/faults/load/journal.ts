import type { Acknowledgement } from '../../audit/journal'

/** What callers were told, written down once the answer was there whole. */
export class Journal {
  readonly lines: Acknowledgement[] = []

  add(line: Acknowledgement): void {
    this.lines.push(line)
  }

  /** How many different orders were acknowledged. */
  get orders(): number {
    return new Set(this.lines.filter(({ kind }) => kind === 'order').map((line) => 'id' in line && line.id)).size
  }
}

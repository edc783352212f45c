export interface Finding {
  kind: string
  /** Of the request, with which it can be sent again. */
  number: number
  fault: string
  request: string
  times: number
}

/** What was wrong, each kind of fault once, and what came back to each kind of request. */
export class Findings {
  readonly #found = new Map<string, Finding>()
  readonly #statuses = new Map<string, Map<number, number>>()

  add(kind: string, number: number, fault: string, request: string): void {
    const key = `${kind} ${fault.replace(/[0-9a-f-]{36}/g, 'id').slice(0, 80)}`
    const known = this.#found.get(key)
    if (known) known.times += 1
    else this.#found.set(key, { kind, number, fault, request, times: 1 })
  }

  count(kind: string, status: number): void {
    const statuses = this.#statuses.get(kind) ?? new Map<number, number>()
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    this.#statuses.set(kind, statuses)
  }

  get all(): Finding[] {
    return [...this.#found.values()]
  }

  /** Kind, how many responses, and how many of each status. */
  get rows(): [kind: string, responses: number, statuses: string][] {
    return [...this.#statuses]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([kind, statuses]) => {
        const counts = [...statuses].sort(([a], [b]) => a - b)
        const total = counts.reduce((sum, [, count]) => sum + count, 0)
        return [kind, total, counts.map(([status, count]) => `${status}: ${count}`).join(', ')]
      })
  }
}

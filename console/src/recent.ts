import { signal } from '@preact/signals-core'

/** The last few of something, newest first; those before are forgotten. */
export class Recent<T> {
  readonly #items = signal<readonly T[]>([])

  constructor(private readonly max: number) {}

  get items(): readonly T[] {
    return this.#items.value
  }

  add(...items: T[]): void {
    this.#items.value = [...items.reverse(), ...this.#items.peek()].slice(0, this.max)
  }

  /** Replaces each item by what `change` returns for it. */
  update(change: (item: T) => T): void {
    this.#items.value = this.#items.peek().map(change)
  }
}

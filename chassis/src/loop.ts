import type { System } from './system'

/** Work that is done again and again in the background, until it is told to stop. */
export class Loop {
  #stopping = false
  #running: Promise<void> | undefined
  #wake: (() => void) | undefined

  /** `step` never rejects, and answers how many milliseconds to wait before the next one. */
  constructor(
    private readonly step: () => Promise<number>,
    private readonly system: Pick<System, 'setTimeout' | 'clearTimeout'>,
  ) {}

  get stopping(): boolean {
    return this.#stopping
  }

  start(): void {
    this.#running = this.#run()
  }

  /** Ends after the step that is under way; a pause is not waited for. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#wake?.()
    await this.#running
  }

  /** For the step itself: waits, and less long where the loop is told to stop. */
  pause(milliseconds: number): Promise<void> {
    if (this.#stopping || milliseconds <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = this.system.setTimeout(() => {
        this.#wake?.()
      }, milliseconds)
      this.#wake = () => {
        this.#wake = undefined
        this.system.clearTimeout(timer)
        resolve()
      }
    })
  }

  async #run(): Promise<void> {
    while (!this.#stopping) await this.pause(await this.step())
  }
}

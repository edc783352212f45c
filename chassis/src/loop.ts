import type { System } from './system'

export class Loop {
  #stopping = false
  #running: Promise<void> | undefined
  #wake: (() => void) | undefined
  #isAwake = false

  /** `step` must not reject; it returns the milliseconds to wait before the next step. */
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

  /** Waits for the current step, but not for a pause. */
  async stop(): Promise<void> {
    this.#stopping = true
    this.#wake?.()
    await this.#running
  }

  /** Ends the pause, or leaves the next one out. */
  wake(): void {
    if (this.#wake) this.#wake()
    else this.#isAwake = true
  }

  pause(milliseconds: number): Promise<void> {
    const wasAwake = this.#isAwake
    this.#isAwake = false
    if (wasAwake || this.#stopping || milliseconds <= 0) return Promise.resolve()
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

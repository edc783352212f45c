import { monitorEventLoopDelay } from 'node:perf_hooks'

const resolutionMs = 20
const windowMs = 5_000

/** By how much timers are late, in this window of five seconds and the one before. It watches the real event loop. */
export class EventLoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  #before = 0
  #window: NodeJS.Timeout | undefined

  get p99Ms(): number {
    return Math.max(this.#before, this.#current)
  }

  start(): void {
    this.#histogram.enable()
    this.#window = setInterval(() => {
      this.#before = this.#current
      this.#histogram.reset()
    }, windowMs).unref()
  }

  async stop(): Promise<void> {
    this.#histogram.disable()
    clearInterval(this.#window)
  }

  /** What is recorded is the time between two turns of its timer. */
  get #current(): number {
    if (this.#histogram.count === 0) return 0
    return Math.max(0, Math.round(this.#histogram.percentile(99) / 1e6 - resolutionMs))
  }
}

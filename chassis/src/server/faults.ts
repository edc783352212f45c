import { z } from 'zod'
import type { Log } from '../log'
import type { System, Timer } from '../system'

const lastMs = 60_000
const logEveryMs = 10_000

const rate = (description: string) => z.number().min(0).max(1).default(0).describe(description)

/** What is left out is switched off. */
export const FaultSettings = z
  .strictObject({
    latencyMs: z.int().min(0).max(60_000).default(0).describe('How long a request waits before it is worked on'),
    errorRate: rate('The share of requests that get a 503 and are not worked on'),
    lostResponseRate: rate('The share of requests that are worked on, and lose their connection instead of a response'),
    frozen: z.boolean().default(false).describe('Requests wait until the service is thawed, and are then worked on'),
  })
  .meta({ id: 'FaultSettings', examples: [{ latencyMs: 2000, errorRate: 0.1 }] })

type FaultSettings = z.output<typeof FaultSettings>

export const CurrentFaults = z
  .strictObject({
    latencyMs: z.int(),
    errorRate: z.number(),
    lostResponseRate: z.number(),
    frozen: z.boolean(),
    endsAt: z.iso.datetime().nullable().meta({ description: 'When they go off by themselves; null if none is on' }),
  })
  .meta({
    id: 'Faults',
    examples: [
      { latencyMs: 2000, errorRate: 0.1, lostResponseRate: 0, frozen: false, endsAt: '2026-01-31T12:01:00.000Z' },
    ],
  })

const none: FaultSettings = { latencyMs: 0, errorRate: 0, lostResponseRate: 0, frozen: false }

/** Faults to teach with, switched on by an administrator. They go off by themselves after a minute. */
export class Faults {
  #settings = none
  #end: { at: number; timer: Timer } | undefined
  readonly #waiting = new Set<() => void>()
  #unlogged = 0
  #loggedAt = -Infinity

  constructor(
    private readonly system: System,
    private readonly log: Log,
  ) {}

  get current(): z.output<typeof CurrentFaults> {
    return { ...this.#settings, endsAt: this.#end ? new Date(this.#end.at).toISOString() : null }
  }

  get areOn(): boolean {
    return this.#end !== undefined
  }

  /** Whether a request that comes now has to wait. */
  get isDelaying(): boolean {
    return this.#settings.frozen || this.#settings.latencyMs > 0
  }

  switchOn(settings: FaultSettings): void {
    if (!Object.values(settings).some(Boolean)) {
      this.switchOff()
      return
    }
    if (this.#end) this.system.clearTimeout(this.#end.timer)
    const timer = this.system.setTimeout(() => {
      this.switchOff()
    }, lastMs)
    this.#end = { at: this.system.now() + lastMs, timer }
    this.log.warn({ ...settings, seconds: lastMs / 1000 }, 'faults switched on')
    this.#change(settings)
  }

  switchOff(): void {
    if (this.#end === undefined) return
    this.system.clearTimeout(this.#end.timer)
    this.#end = undefined
    this.log.info('faults switched off')
    this.#change(none)
  }

  async thawed(): Promise<void> {
    while (this.#settings.frozen) await this.#changed()
  }

  /** Waits for the latency that is switched on, or until that changes. */
  async slow(): Promise<void> {
    if (this.#settings.latencyMs > 0) await this.#changed(this.#settings.latencyMs)
  }

  /** What befalls the next request; undefined if nothing does. */
  next(): 'error' | 'lost-response' | undefined {
    const { errorRate, lostResponseRate } = this.#settings
    const chance = this.system.random()
    if (chance < errorRate) return 'error'
    return chance < errorRate + lostResponseRate ? 'lost-response' : undefined
  }

  /** One more request met the faults: a line says so, at most every ten seconds. */
  met(): void {
    this.#unlogged += 1
    const now = this.system.monotonic()
    if (now - this.#loggedAt < logEveryMs) return
    this.log.warn({ ...this.#settings, requests: this.#unlogged }, 'faults are on')
    this.#unlogged = 0
    this.#loggedAt = now
  }

  #change(settings: FaultSettings): void {
    this.#settings = settings
    for (const wake of [...this.#waiting]) wake()
  }

  #changed(withinMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake)
        if (timer !== undefined) this.system.clearTimeout(timer)
        resolve()
      }
      const timer = withinMs === undefined ? undefined : this.system.setTimeout(wake, withinMs)
      this.#waiting.add(wake)
    })
  }
}

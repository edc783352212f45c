import type { Database } from '../database/database'
import type { System } from '../system'
import { LagMeter, type Lag, type Measured } from './lag'
import { readLag, storeLag } from './lag-store'

const tellMs = 4_000

interface Deps {
  feed: string
  /** Of the process that follows. */
  database: Database
  system: System
}

/** The lag of the process that follows the feed, which it keeps in the database for the other processes. */
export class SharedLag {
  meter: LagMeter
  #told: (Measured & { at: number }) | undefined

  constructor(private readonly deps: Deps) {
    this.meter = new LagMeter(deps.system)
  }

  /** This process follows from now on. */
  begin(): void {
    this.meter = new LagMeter(this.deps.system)
  }

  /** As the process that follows has said; if nobody has, as this one has measured. */
  async ofOthers(): Promise<Lag> {
    const { database, system, feed } = this.deps
    return (await readLag(database.read, system, feed)) ?? this.meter.lag
  }

  /** Says how far this process is, if that has changed or was said some time ago. */
  async tell(): Promise<void> {
    const { database, system, feed } = this.deps
    const { measured } = this.meter
    const at = system.monotonic()
    const last = this.#told
    if (last?.events === measured.events && last.behindSince === measured.behindSince && at - last.at < tellMs) return
    await database.write((tx) => storeLag(tx, system, feed, measured))
    this.#told = { ...measured, at }
  }
}

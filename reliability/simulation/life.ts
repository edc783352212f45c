import type { System } from '@tandem/chassis/system'
import type { World } from './world'

const maxCommitMs = 10
const epoch = Date.parse('2026-01-01T00:00:00.000Z')

/** A machine's clock and ids, which outlive its processes. */
export class Machine {
  /** How far its wall clock is off, in milliseconds. */
  clockOffset = 0
  #ids = 0

  constructor(
    private readonly world: World,
    /** Tells its ids from those of another machine: one hexadecimal digit. */
    private readonly digit: string,
  ) {}

  now(): number {
    return epoch + this.world.elapsed + this.clockOffset
  }

  /** A UUIDv7: the time, then a number that no other id has. */
  newId(): string {
    this.#ids += 1
    const time = Math.floor(this.now()).toString(16).padStart(12, '0')
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${this.digit}${this.#ids.toString(16).padStart(11, '0')}`
  }
}

/** What one process takes from the world around it, while it lives: nothing that it has begun happens after its death. */
export class Life implements System {
  alive = true
  readonly #born: number
  readonly #timers = new Set<number>()
  #lastTimer = 0

  constructor(
    private readonly world: World,
    private readonly machine: Machine,
  ) {
    this.#born = world.elapsed
  }

  readonly now = (): number => this.machine.now()
  readonly newId = (): string => this.machine.newId()
  readonly random = (): number => this.world.random()
  readonly monotonic = (): number => this.world.elapsed - this.#born

  setTimeout(callback: () => void, milliseconds: number): number {
    const timer = (this.#lastTimer += 1)
    this.#timers.add(timer)
    this.world.after(Math.max(1, milliseconds), () => {
      if (this.alive && this.#timers.delete(timer)) callback()
    })
    return timer
  }

  clearTimeout(timer: NodeJS.Timeout | number): void {
    this.#timers.delete(timer as number) // made above
  }

  /** What it is for, a commit with its sync, takes a while: a process may die in it. */
  afterTurn(callback: () => void): void {
    this.world.after(this.world.random() * maxCommitMs, () => {
      if (this.alive) callback()
    })
  }
}

import type { Database } from '@tandem/chassis/database/database'
import type { Migration } from '@tandem/chassis/database/migrations'
import type { ProblemTypes } from '@tandem/chassis/http/problem-types'
import type { Route } from '@tandem/chassis/http/route'
import { openSimulatedDatabase } from './database'
import { dispatch, type SimulatedAnswer, type SimulatedRequest } from './dispatch'
import { Life, type Machine } from './life'
import type { World } from './world'

export interface Running {
  routes: readonly Route[]
  problemTypes: ProblemTypes
}

interface Options {
  name: string
  world: World
  machine: Machine
  /** The file of its database. */
  file: string
  migrations: readonly Migration[]
  /** Puts the service together and starts it. */
  begin: (database: Database, life: Life) => Promise<Running>
}

/** A service on a machine of its own: its process may be killed at any moment, and started again on its database. */
export class Service {
  #life: { life: Life; database: Database; kill: () => void; running: Running } | undefined
  #hangsUntil = 0
  #commits = 0
  readonly #awaited = new Map<number, () => void>()
  readonly #underWay = new Set<() => void>()

  constructor(private readonly options: Options) {}

  get name(): string {
    return this.options.name
  }

  /** For the audit. Throws where no process runs. */
  get database(): Database {
    if (this.#life === undefined) throw new Error(`${this.name} is not running`)
    return this.#life.database
  }

  get isRunning(): boolean {
    return this.#life !== undefined
  }

  async start(): Promise<void> {
    const { world, machine, file, migrations, begin } = this.options
    const life = new Life(world, machine)
    const { database, kill } = await openSimulatedDatabase(file, migrations, life)
    database.onCommit(() => {
      this.#commits += 1
      this.#awaited.get(this.#commits)?.()
      this.#awaited.delete(this.#commits)
    })
    const running = await begin(database, life)
    this.#life = { life, database, kill, running }
    world.tell(`${this.name} started`)
  }

  /** Calls back right after so many commits, in whatever lives. */
  afterCommits(commits: number, callback: () => void): void {
    this.#awaited.set(commits, callback)
  }

  /** For so long nothing reaches it; what was sent to it meanwhile comes later. */
  hang(milliseconds: number): void {
    const { world, name } = this.options
    this.#hangsUntil = world.elapsed + milliseconds
    world.tell(`${name} hangs for ${milliseconds} ms`)
  }

  /** How long what arrives now has to wait. */
  get hangsFor(): number {
    return Math.max(0, this.#hangsUntil - this.options.world.elapsed)
  }

  kill(): void {
    if (this.#life === undefined) return
    this.options.world.tell(`${this.name} killed`)
    this.#life.life.alive = false
    this.#life.kill()
    this.#life = undefined
    for (const cut of this.#underWay) cut()
    this.#underWay.clear()
  }

  /** Undefined if nothing listens; `reset` if the process died before it responded. */
  answer(request: SimulatedRequest): Promise<SimulatedAnswer | 'reset'> | undefined {
    if (this.#life === undefined) return undefined
    const { running } = this.#life
    return new Promise((resolve) => {
      const cut = () => {
        resolve('reset')
      }
      this.#underWay.add(cut)
      void dispatch(running, request).then((answer) => {
        this.#underWay.delete(cut)
        resolve(answer)
      })
    })
  }
}

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Outcome } from './run-story'

const maxMs = 120_000

export interface Task {
  seed: number
  without: string | undefined
}

export type Result = Task & Omit<Outcome, 'trace'>

/** Runs tasks on every core. `next` is asked for one after the other; undefined ends it. */
export async function onEveryCore(next: () => Task | undefined, told: (result: Result) => void): Promise<void> {
  await Promise.all(Array.from({ length: availableParallelism() }, () => workOff(next, told)))
}

async function workOff(next: () => Task | undefined, told: (result: Result) => void): Promise<void> {
  const worker = fork(join(__dirname, 'worker.ts'))
  try {
    for (let task = next(); task !== undefined; task = next()) told(await run(worker, task))
  } finally {
    if (worker.connected) worker.disconnect() // which ends it
  }
}

async function run(worker: ChildProcess, task: Task): Promise<Result> {
  const ended = new AbortController()
  const { signal } = ended
  const exit = once(worker, 'exit', { signal }).then(([code]) => {
    throw new Error(`seed ${task.seed} ended its process with exit code ${String(code)}`)
  })
  exit.catch(() => undefined) // the race below has it
  worker.send(task)
  try {
    const tooLong = pause(maxMs, undefined, { signal }).then(() => {
      worker.kill('SIGKILL')
      throw new Error(`seed ${task.seed} did not end`)
    })
    tooLong.catch(() => undefined) // the race has it
    const [result] = (await Promise.race([once(worker, 'message', { signal }), exit, tooLong])) as [Result] // from worker.ts
    return result
  } finally {
    ended.abort()
  }
}

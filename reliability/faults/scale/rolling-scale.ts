import { randomUUID } from 'node:crypto'
import { serviceNames, type ServiceName } from '../../harness/compose-stack'
import type { ScaleStack } from '../../harness/scale-stack'
import type { Fault } from '../fault'
import { allAnswered, startShoppers } from '../load/shoppers'
import { startReaders } from './readers'

/** Each replica is replaced in turn by one of a new image, while callers work who retry with their keys. */
export const rollingScale: Fault<ScaleStack> = {
  name: 'rolling-scale',
  run: async ({ stack, journal, random, over, short, tell }) => {
    const rounds = short ? 1 : 2
    await stack.startStack()
    let finished = false
    const goOn = () => !finished
    const { sales, done } = await startShoppers({ stack, journal, random, over }, { shoppers: 50, thinkMs: 200, goOn })
    const readers = await startReaders({ stack, journal, over }, { readers: 10, thinkMs: 50, goOn })
    const exitCodes: number[] = []
    for (let round = 0; round < rounds; round++) {
      for (const service of serviceNames) {
        exitCodes.push(...(await replaceAll(stack, service)))
        tell(`${exitCodes.length} replaced, ${sales.orders} orders, ${sales.retries} retries`)
      }
    }
    finished = true
    await Promise.all([done, readers.done])
    const bad = exitCodes.filter((code) => code !== 0).length
    const [failure] = readers.failures
    return {
      done: `${exitCodes.length} replicas replaced in turn, by one of a new image beside the old ones, under 50 callers: ${sales.orders} orders, ${sales.cancels} cancels, ${sales.deposits} deposits, and ${readers.count()} reads`,
      figures: [`${sales.retries} retries`],
      checks: [
        allAnswered(sales),
        {
          message: `0 of the reads failed${failure === undefined ? '' : `: ${readers.failures.length} did, the first with ${failure}`}`,
          holds: failure === undefined,
          noneOf: readers.count(),
        },
        { message: `${bad} stops with another exit code than 0`, holds: bad === 0, noneOf: exitCodes.length },
      ],
    }
  },
}

/** Starts a new one before each old one is stopped. Answers the exit codes. */
async function replaceAll(stack: ScaleStack, service: ServiceName): Promise<number[]> {
  const old = await stack.containersOf(service)
  await makeNewImage(stack, service)
  const exitCodes: number[] = []
  for (const container of old) {
    await stack.compose(
      'up',
      '--wait',
      '--no-deps',
      '--no-recreate',
      '--scale',
      `${service}=${old.length + 1}`,
      service,
    )
    await stack.docker('stop', container)
    exitCodes.push(Number(await stack.docker('inspect', '--format', '{{.State.ExitCode}}', container)))
    await stack.docker('rm', container)
  }
  return exitCodes
}

/** The same image under another id, as after a build of other sources. */
async function makeNewImage(stack: ScaleStack, service: ServiceName): Promise<void> {
  const image = `${stack.project}-${service}`
  const name = `${stack.project}-${randomUUID()}`
  await stack.docker('create', '--name', name, image)
  try {
    await stack.docker('commit', '--change', `LABEL build=${name}`, name, image)
  } finally {
    await stack.docker('rm', name)
  }
}

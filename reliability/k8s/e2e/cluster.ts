import { execFile, execFileSync, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { OperatorError } from '@tandem/chassis/failure'
import { root } from '../../harness/compose-stack'

const local = /^(kind-.*|k3d-.*|minikube|docker-desktop)$/

/** The context that kubectl uses, if it is a cluster for trying things out. */
export function allowedContext(current: string, named = ''): string {
  if (local.test(current) || (named !== '' && current === named)) return current
  throw new OperatorError(
    `the context ${current || '(none)'} is not kind-…, k3d-…, minikube or docker-desktop; to use it all the same, set K8S_CONTEXT to its name`,
  )
}

export function currentContext(): string {
  try {
    return execFileSync('kubectl', ['config', 'current-context'], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } catch {
    throw new OperatorError('kubectl is missing, or points at no cluster')
  }
}

export class Cluster {
  constructor(private readonly context: string) {}

  /** Not synchronously: the clients go on meanwhile. */
  async kubectl(...args: string[]): Promise<string> {
    const all = ['--context', this.context, '--namespace', 'tandem', ...args]
    return (await promisify(execFile)('kubectl', all, { cwd: root })).stdout.trim()
  }

  async podsOf(...names: string[]): Promise<string[]> {
    const selector = `app.kubernetes.io/name in (${names.join()})`
    const pods = await this.kubectl('get', 'pods', '--selector', selector, '--output', 'name')
    return pods.split('\n').filter(Boolean)
  }

  /** Until each replica is the newest and ready. */
  async rolledOut(...names: string[]): Promise<void> {
    for (const name of names) await this.kubectl('rollout', 'status', name, '--timeout=300s')
  }

  /** A way to the gateway that is made again if its pod goes. Returns what ends it. */
  forward(port: number): () => void {
    let over = false
    let child: ReturnType<typeof spawn> | undefined
    const begin = () => {
      if (over) return
      const args = ['--context', this.context, '--namespace', 'tandem', 'port-forward', 'service/gateway', `${port}:80`]
      child = spawn('kubectl', args, { stdio: 'ignore' }).on('exit', begin)
    }
    begin()
    return () => {
      over = true
      child?.kill()
    }
  }
}

/** Applies the overlay `local` to the cluster of kubectl, and breaks it: what `npm run e2e:k8s` does. */
import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { OperatorError } from '@tandem/chassis/failure'
import { runCommand } from '@tandem/chassis/service/process'
import { readArguments } from '../../../scripts/read-arguments.mjs'
import { root } from '../../harness/compose-stack'
import { Buyers } from './buyers'
import { allowedContext, Cluster, currentContext } from './cluster'

const name = 'e2e:k8s'
const usage = `Usage: npm run ${name}

Applies k8s/overlays/local to the cluster of kubectl, whose nodes must have the images; kills pods, drains a node, rolls
out and restarts everything under 50 clients; and audits. It refuses a context that is not kind-…, k3d-…, minikube or
docker-desktop, unless K8S_CONTEXT names it. The namespace \`tandem\` is left there.`

const port = 3180
const deployments = ['deployment/user-service', 'deployment/order-service', 'deployment/gateway']
const stores = ['statefulset/postgres', 'statefulset/rabbitmq']

function say(text: string): void {
  console.log(`${new Date().toISOString().slice(11, 19)} ${text}`)
}

async function killPods(cluster: Cluster): Promise<void> {
  for (let killed = 0; killed < 30; killed++) {
    const pods = await cluster.podsOf('user-service', 'order-service')
    const pod = pods[randomInt(pods.length)] ?? ''
    await cluster.kubectl('delete', pod, '--grace-period=0', '--force', '--wait=false')
    await pause(2000)
  }
  await cluster.rolledOut(...deployments)
  say('30 pods were killed at random')
}

async function drain(cluster: Cluster): Promise<void> {
  const nodes = await cluster.kubectl('get', 'nodes', '--output', 'name')
  const [, node] = nodes.split('\n')
  if (node === undefined) {
    say('there is one node: none was drained')
    return
  }
  await cluster.kubectl('drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=300s')
  await cluster.kubectl('uncordon', node)
  await cluster.rolledOut(...stores, ...deployments)
  say(`${node} was drained`)
}

async function rollThereAndBack(cluster: Cluster, buyers: Buyers): Promise<void> {
  const before = buyers.repeated
  for (const deployment of deployments.slice(0, 2)) {
    await cluster.kubectl('set', 'env', deployment, 'LOG_LEVEL=debug')
    await cluster.rolledOut(deployment)
    await cluster.kubectl('rollout', 'undo', deployment)
    await cluster.rolledOut(deployment)
  }
  say(`both services were rolled there and back; ${buyers.repeated - before} requests had to be repeated`)
}

/** The gateway may not reach PostgreSQL; with a network plugin that ignores policies, it does. */
async function probePolicy(cluster: Cluster): Promise<void> {
  const script = 'nc -z -w 3 postgres 5432 && echo reached || echo refused'
  const seen = await cluster.kubectl('exec', 'deployment/gateway', '--', 'sh', '-c', script)
  say(`from the gateway, PostgreSQL: ${seen}`)
  if (seen !== 'refused') throw new OperatorError('the network policies are not enforced')
}

async function run(cluster: Cluster, buyers: Buyers): Promise<void> {
  await pause(5000)
  say(`50 clients order: ${buyers.acknowledged} orders so far`)
  await killPods(cluster)
  await drain(cluster)
  await rollThereAndBack(cluster, buyers)
  await cluster.kubectl('rollout', 'restart', ...stores)
  await cluster.rolledOut(...stores, ...deployments)
  say('PostgreSQL and RabbitMQ were restarted')
  await probePolicy(cluster)
}

async function main(): Promise<void> {
  readArguments({ name, usage })
  const context = allowedContext(currentContext(), process.env.K8S_CONTEXT)
  const cluster = new Cluster(context)
  execFileSync('npm', ['run', '--silent', 'k8s:secrets'], { cwd: root, stdio: 'inherit' })
  await cluster.kubectl('apply', '--kustomize', 'k8s/overlays/local')
  await cluster.rolledOut(...stores, ...deployments)
  say(`applied to ${context}`)
  const endForward = cluster.forward(port)
  const buyers = new Buyers(port)
  try {
    buyers.start(50)
    await run(cluster, buyers)
  } finally {
    await Promise.race([buyers.stop(), pause(60_000)])
    endForward()
  }
  const { acknowledged, repeated, unexpected } = buyers
  say(`${acknowledged} orders, ${repeated} repeated requests, unexpected: ${[...unexpected].join() || 'none'}`)
  execFileSync('npm', ['run', '--silent', 'audit', '--', '--kubernetes'], { cwd: root, stdio: 'inherit' })
  if (unexpected.size > 0) throw new OperatorError('there were unexpected responses')
}

void runCommand(name, () => main()).finally(() => process.exit())

import { askPort } from '../../harness/ask'
import type { Behaviour, Figures } from './proxy'

const port = 3502

/** Puts the proxy between the services. */
export const withProxy = { files: ['reliability/faults/proxy/compose.yml'] }

export async function setProxy(behaviour: Behaviour): Promise<void> {
  await askPort(port, { method: 'PUT', path: '/', body: behaviour })
}

export async function proxyFigures(): Promise<Figures> {
  return (await askPort(port, { path: '/' })).body
}

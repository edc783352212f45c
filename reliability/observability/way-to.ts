import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Way {
  /** The same URL, but through this way. */
  url: string
  /** Cuts all connections, and each new one. */
  close(): void
  open(): void
  remove(): Promise<void>
}

/** A way to a server that can be closed, as if the server were away. */
export async function wayTo(target: string): Promise<Way> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let isOpen = true
  const proxy = createServer((socket) => {
    const upstream = connect(Number(port), hostname)
    for (const [end, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(end)
      end.on('error', () => undefined) // 'close' follows
      end.on('close', () => {
        sockets.delete(end)
        other.destroy()
      })
    }
    if (isOpen) socket.pipe(upstream).pipe(socket)
    else socket.destroy()
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const url = new URL(target)
  url.hostname = '127.0.0.1'
  url.port = String((proxy.address() as AddressInfo).port) // not a pipe
  const cutAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: url.href,
    close: () => {
      isOpen = false
      cutAll()
    },
    open: () => {
      isOpen = true
    },
    remove: async () => {
      const closed = once(proxy, 'close')
      proxy.close()
      cutAll()
      await closed
    },
  }
}

const isListening = '0A'

/** Where something listens, by what `/proc/net/tcp` and `/proc/net/tcp6` of a container say; Docker's own name server is left out. */
export function listeningAt(tables: string): string[] {
  const lines = tables.split('\n').map((line) => line.trim().split(/\s+/))
  const sockets = lines.filter(([, , , state]) => state === isListening).map(([, local = '']) => addressOf(local))
  return [...new Set(sockets)].filter((address) => !address.startsWith('127.0.0.11:')).sort()
}

function addressOf(local: string): string {
  const [host = '', port = ''] = local.split(':')
  return `${hostOf(host)}:${Number.parseInt(port, 16)}`
}

/** The kernel writes each 32 bits of an address in the order of the machine, the last byte first. */
function hostOf(hex: string): string {
  if (/^0+$/.test(hex)) return '*'
  const last = hex.slice(-8)
  const isV6 = hex.length > 8 && !hex.startsWith('0000000000000000FFFF0000')
  return isV6 ? hex : [6, 4, 2, 0].map((at) => Number.parseInt(last.slice(at, at + 2), 16)).join('.')
}

import type { Model } from '../model'
import { serviceNames, type Service } from '../api/http'
import type { Seen } from '../watch/monitor'

const places = { 'user-service': { x: 250, y: 176 }, 'order-service': { x: 30, y: 176 } } as const
const titles = { postgres: 'PostgreSQL', sqlite: 'SQLite' } as Readonly<Record<string, string>>

/** What runs, how it is, and what flows in between. */
export function Map({ model: { api, monitors, shop, admin } }: { model: Model }) {
  const seen = {
    'user-service': monitors['user-service'].seen.value,
    'order-service': monitors['order-service'].seen.value,
  }
  const circuit = monitors['order-service'].status?.circuits.find(({ upstream }) => upstream === 'user-service')
  const perSecond = (shop.responses.points.value.at(-1)?.count ?? 0) / 2
  const lag = seen['order-service'].health?.lag['user-service']?.events ?? 0
  const isReachable = api.isReachable.value
  const broker = monitors['order-service'].status?.broker ?? null
  return (
    <svg class="map" viewBox="0 0 460 350" role="img" aria-label={inWords(seen, isReachable, circuit?.state)}>
      <Arrow d="M230 62 V84 H120 V172" isBusy={perSecond > 0} label={`${perSecond} orders/s`} x={126} y={128} />
      <Arrow d="M230 62 V84 H340 V172" isBusy={false} label="" x={0} y={0} />
      <Arrow
        d="M210 202 H246"
        isBusy={perSecond > 0 && circuit?.state !== 'open'}
        state={circuit?.state === 'open' ? 'bad' : circuit?.state === 'half-open' ? 'warn' : ''}
        label={circuit ? `circuit ${circuit.state}` : 'hold credit'}
        x={228}
        y={168}
        isCentred
      />
      <Arrow
        d="M250 228 H214"
        isBusy={lag > 0}
        label={lag > 0 ? `${lag} events behind` : 'events'}
        x={228}
        y={246}
        isCentred
      />
      <Arrow d="M120 254 V286" isBusy={perSecond > 0} label="" x={0} y={0} />
      <Arrow d="M340 254 V286" isBusy={perSecond > 0} label="" x={0} y={0} />
      <Box
        x={140}
        y={14}
        width={180}
        height={46}
        state={isReachable ? 'up' : 'down'}
        title="gateway"
        lines={[isReachable ? location.host : 'no response']}
      />
      {serviceNames.map((name) => (
        <ServiceBox key={name} name={name} seen={seen[name]} />
      ))}
      {serviceNames.map((name) => (
        <Database key={name} name={name} kind={monitors[name].status?.database} isUp={seen[name].state === 'up'} />
      ))}
      {broker !== null && (
        <Box
          x={165}
          y={290}
          width={130}
          height={44}
          state={broker === 'connected' ? 'up' : 'down'}
          title="RabbitMQ"
          lines={[broker]}
        />
      )}
      {admin.access.value === 'none' && (
        <text class="hint" x={230} y={340} text-anchor="middle">
          Unlock as administrator to see replicas, circuit and databases
        </text>
      )}
    </svg>
  )
}

function ServiceBox({ name, seen }: { name: Service; seen: Seen }) {
  const { state, why, health, replicas } = seen
  const faults = [...replicas.values()].some(({ status }) => status.faults?.endsAt !== undefined)
  const inFlight = [...replicas.values()].reduce((sum, { status }) => sum + status.requests.inFlight, 0)
  const lines =
    state === 'down'
      ? [why ?? 'no response']
      : [
          health ? `version ${health.version}` : 'not asked yet',
          replicas.size > 0
            ? `${replicas.size} ${replicas.size > 1 ? 'replicas' : 'replica'}, ${inFlight} in flight`
            : '',
          faults ? 'a fault is switched on' : '',
        ]
  const look = state === 'up' && faults ? 'warn' : state
  return <Box {...places[name]} width={180} height={78} state={look} title={name} lines={lines} />
}

function Database({ name, kind, isUp }: { name: Service; kind: string | undefined; isUp: boolean }) {
  const { x } = places[name]
  return (
    <g class={`box ${isUp ? 'up' : 'unknown'}`} transform={`translate(${x + 45} 288)`}>
      <path d="M0 8 v30 a45 8 0 0 0 90 0 v-30" />
      <ellipse cx="45" cy="8" rx="45" ry="8" />
      <text x="45" y="33" text-anchor="middle">
        {titles[kind ?? ''] ?? 'database'}
      </text>
    </g>
  )
}

interface BoxProps {
  x: number
  y: number
  width: number
  height: number
  state: string
  title: string
  lines: readonly string[]
}

function Box({ x, y, width, height, state, title, lines }: BoxProps) {
  return (
    <g class={`box ${state}`} transform={`translate(${x} ${y})`} data-box={title} data-state={state}>
      <rect width={width} height={height} rx="8" />
      <circle cx="16" cy="18" r="5" />
      <text class="title" x="28" y="23">
        {title}
      </text>
      {lines.filter(Boolean).map((line, index) => (
        <text key={line} x="12" y={42 + index * 14}>
          {line}
        </text>
      ))}
    </g>
  )
}

interface ArrowProps {
  d: string
  isBusy: boolean
  state?: string
  label: string
  x: number
  y: number
  isCentred?: boolean
}

function Arrow({ d, isBusy, state = '', label, x, y, isCentred = false }: ArrowProps) {
  return (
    <g class={`arrow ${state} ${isBusy ? 'busy' : ''}`}>
      <path d={d} />
      <text x={x} y={y} text-anchor={isCentred ? 'middle' : 'start'}>
        {label}
      </text>
    </g>
  )
}

function inWords(seen: Readonly<Record<Service, Seen>>, isReachable: boolean, circuit: string | undefined): string {
  const services = serviceNames.map((name) => `${name} is ${seen[name].state}`)
  return [`The gateway is ${isReachable ? 'up' : 'down'}`, ...services, circuit && `the circuit is ${circuit}`]
    .filter(Boolean)
    .join(', ')
}
